// Measures contenders in turn (A B A B …), so that other load on the machine affects all of them equally.

/**
 * A contender: `run` does the work once and returns its milliseconds, or nothing if the whole call is measured;
 * `before` prepares each run and is not measured; `missing` is the reason why it is not measured at all.
 */
export async function compare(contenders, { rounds, signal, onRound = () => undefined }) {
  const present = contenders.filter(({ missing }) => missing === undefined);
  const samples = new Map(present.map(({ name }) => [name, []]));
  // The first round warms up connections and caches, and is not counted.
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < present.length; turn += 1) {
      signal.throwIfAborted();
      const contender = present[(turn + Math.max(round, 0)) % present.length];
      await contender.before?.();
      const started = performance.now();
      const measured = await contender.run();
      const ms = measured ?? performance.now() - started;
      if (round >= 0) samples.get(contender.name).push(ms);
    }
    onRound(round + 1);
  }
  return contenders.map(({ name, missing }) =>
    missing === undefined
      ? { name, samples: samples.get(name), ...spread(samples.get(name)) }
      : { name, missing },
  );
}

export function spread(samples) {
  const sorted = [...samples].sort((one, other) => one - other);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    n: sorted.length,
  };
}

function quantile(sorted, part) {
  const place = (sorted.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The median of the ratios within each round: disturbances that affect both cancel out. */
export function pairedRatio(one, other) {
  return spread(one.samples.map((ms, round) => ms / other.samples[round]));
}
