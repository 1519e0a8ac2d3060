// npm run bench -- [--only A,B] [--full] [--rounds N] [--json FILE] [--write-docs]
import { parseArgs } from "node:util";
import { measurements } from "./measurements/index.mjs";

const usage = `npm run bench -- [options]
  --only A,B      only these measurements, or all that start so: ${measurements.map(({ name }) => name).join(", ")}
  --full          those that take long too (1 GiB)
  --rounds N      how often each contender runs, in the place of each measurement's own number
  --json FILE     where the results are written; default: artifacts/bench.json
  --write-docs    writes the tables into docs/internals/performance.md`;

/** Parses the arguments. Returns a text if they ask for help, or for something that does not exist. */
export function parseOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string" },
      full: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "string", default: "artifacts/bench.json" },
      "write-docs": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return usage;
  const named = values.only?.split(",");
  const chosen = measurements.filter(({ name, when }) =>
    named === undefined ? values.full || when !== "full" : named.some((start) => name.startsWith(start)),
  );
  if (chosen.length === 0) return `There is no measurement ${values.only}.\n${usage}`;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    return `--rounds wants a number.\n${usage}`;
  return { chosen, rounds, json: values.json, writeDocs: values["write-docs"] };
}
