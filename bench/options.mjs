// npm run bench -- [--only A,B] [--full] [--engine NAME] [--rounds N] [--against REV] [--json FILE] [--write-docs]
import { parseArgs } from "node:util";
import { engineNames } from "../scripts/engines/catalog.mjs";
import { groups, measurements } from "./measurements/index.mjs";

const dockers = engineNames.filter((name) => name.startsWith("docker"));

const usage = `npm run bench -- [options]
  --only A,B      run only measurements whose names start with A or B: ${measurements.map(({ name }) => name).join(", ")}
                  "waits" means what users wait for: ${groups.waits.join(", ")}
  --full          also run the slow measurements (1 GiB)
  --engine NAME   measure with the programs of another Debian: ${dockers.join(", ")} (default: this machine's)
  --rounds N      run each contender N times instead of the measurement's default
  --against REV   compare this checkout with that commit instead of with other tools
  --json FILE     write the samples to FILE (default: artifacts/bench.json)
  --write-docs    write the tables into docs/performance.md`;

/** Parses the arguments. Returns a message if they ask for help or are invalid. */
export function parseOptions(argv) {
  const parsed = read(argv);
  if (typeof parsed === "string") return `${parsed}\n${usage}`;
  const { values } = parsed;
  if (values.help) return usage;
  const isNamed = (name, only) => groups[only]?.includes(name) ?? name.startsWith(only);
  const chosen = measurements.filter(({ name, when }) =>
    values.only === undefined
      ? values.full || when !== "full"
      : values.only.split(",").some((only) => isNamed(name, only)),
  );
  if (chosen.length === 0) return `unknown measurement: ${values.only}\n${usage}`;
  if (values.engine !== undefined && !dockers.includes(values.engine))
    return `unknown engine: ${values.engine}\n${usage}`;
  if (values.against !== undefined && values["write-docs"])
    return `--against compares two commits, and --write-docs writes the times of one\n${usage}`;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    return `--rounds must be a positive integer\n${usage}`;
  const { engine, against, json } = values;
  return { chosen, rounds, engine, against, json, writeDocs: values["write-docs"] };
}

function read(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: "string" },
        full: { type: "boolean", default: false },
        engine: { type: "string" },
        rounds: { type: "string" },
        against: { type: "string" },
        json: { type: "string", default: "artifacts/bench.json" },
        "write-docs": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return error.message;
  }
}
