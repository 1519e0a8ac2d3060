// npm run bench -- [--only A,B] [--full] [--rounds N] [--json FILE] [--write-docs]
import { parseArgs } from "node:util";
import { measurements } from "./measurements/index.mjs";

const usage = `npm run bench -- [options]
  --only A,B      run only measurements whose names start with A or B: ${measurements.map(({ name }) => name).join(", ")}
  --full          also run the slow measurements (1 GiB)
  --rounds N      run each contender N times instead of the measurement's default
  --json FILE     write the samples to FILE (default: artifacts/bench.json)
  --write-docs    write the tables into docs/internals/benchmark-results.md`;

/** Parses the arguments. Returns a message if they ask for help or are invalid. */
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
  if (chosen.length === 0) return `unknown measurement: ${values.only}\n${usage}`;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    return `--rounds must be a positive integer\n${usage}`;
  return { chosen, rounds, json: values.json, writeDocs: values["write-docs"] };
}
