// Measures this checkout and another commit in turn.
import { compare, pairedRatio, spread } from "./compare.mjs";

/** How much longer three of four rounds must take for a commit to count as slower. */
export const tolerance = 1.05;

/** In a measurement that reports samples itself, the two take turns this often. */
const turns = 5;

/**
 * Measures our rows of the measurement for both trees.
 * @param stages `here` and `there`
 * @returns two results for each row, and a verdict for each
 */
export async function compareCommits(measurement, { stages, peers, rounds, rev }) {
  const rows = [measurement.ours ?? []].flat();
  const sides = [
    { label: "this checkout", stage: stages.here },
    { label: rev, stage: stages.there },
  ];
  const results =
    measurement.results === undefined
      ? await inRounds(measurement, rows, sides, { peers, rounds })
      : await inTurns(measurement, rows, sides, rounds);
  return { results, verdicts: verdictsOf(results, rows, sides) };
}

const nameOf = (row, { label }) => `${row}, ${label}`;

async function inRounds(measurement, rows, sides, { peers, rounds }) {
  const contenders = [];
  for (const side of sides) {
    const all = await measurement.contenders(side.stage, peers);
    const ours = all.filter(({ name }) => rows.includes(name));
    contenders.push(...ours.map((contender) => ({ ...contender, name: nameOf(contender.name, side) })));
  }
  return compare(contenders, { rounds, signal: sides[0].stage.signal });
}

async function inTurns(measurement, rows, sides, rounds) {
  const samples = new Map(rows.flatMap((row) => sides.map((side) => [nameOf(row, side), []])));
  const count = Math.min(turns, rounds);
  for (let turn = 0; turn < count; turn += 1) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      const results = await measurement.results(side.stage, Math.ceil(rounds / count));
      for (const row of rows)
        samples.get(nameOf(row, side)).push(results.find(({ name }) => name === row).median);
    }
  }
  return [...samples].map(([name, values]) => ({ name, samples: values, ...spread(values) }));
}

function verdictsOf(results, rows, sides) {
  return rows.map((row) => {
    const [here, there] = sides.map((side) => results.find(({ name }) => name === nameOf(row, side)));
    const value = pairedRatio(here, there);
    return { of: here.name, against: there.name, value, isSlower: value.low > tolerance };
  });
}
