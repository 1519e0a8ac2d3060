// Compares the measurements with the targets.
import { pairedRatio, spread } from "./compare.mjs";

/** Returns one verdict for each target whose contenders were measured. */
export function judge({ targets }, results) {
  const of = (name) => results.find((result) => result.name === name && result.samples !== undefined);
  return targets.flatMap((target) => {
    const one = of(target.of);
    const other = of(target.against ?? target.beyond);
    if (one === undefined || other === undefined) return [];
    const { value, limit } =
      target.against === undefined
        ? { value: difference(one, other), limit: target.atMostMs }
        : { value: pairedRatio(one, other), limit: target.atMost };
    return [{ ...target, value, limit, met: limit === undefined ? undefined : value.median <= limit }];
  });
}

function difference(one, other) {
  return spread(one.samples.map((ms, round) => ms - other.samples[round]));
}
