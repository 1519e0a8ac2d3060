// Measures how long calls take on this machine, compared with other tools that do the same, or with another commit.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { findEngines } from "../scripts/engines/catalog.mjs";
import { startInside } from "../scripts/engines/inside.mjs";
import { prepareRoot } from "../scripts/engines/root-cache.mjs";
import { root } from "../scripts/pnpm.mjs";
import { compareCommits } from "./against.mjs";
import { compare } from "./compare.mjs";
import { environment } from "./environment.mjs";
import { judge } from "./judge.mjs";
import { parseOptions } from "./options.mjs";
import { findPeers } from "./peers.mjs";
import { environmentText, outcomeText } from "./report.mjs";
import { openOtherCommit } from "./other-commit.mjs";
import { openStage } from "./stage.mjs";
import { writeDocs } from "./write-docs.mjs";

const options = parseOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.error(options);
  process.exit(2);
}
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());

/** Set in the process that runs among the programs of the other Debian: the tree of the other commit, if any. */
const insideVariable = "MOLECULE_BENCH_INSIDE";

async function main() {
  const { signal } = interrupted;
  const inside = process.env[insideVariable];
  if (inside !== undefined) return bench(inside);
  if (options.against === undefined) return options.engine === undefined ? bench("") : benchInside("");
  // Built outside, where npm is.
  const other = await openOtherCommit(options.against, signal);
  try {
    await (options.engine === undefined ? bench(other.tree) : benchInside(other.tree));
  } finally {
    await other.close();
  }
}

/** Runs this script again among the programs of the engine. */
async function benchInside(otherTree) {
  const [engine] = findEngines([options.engine]);
  const problem = prepareRoot(engine.from);
  if (problem !== undefined) throw new Error(`cannot prepare ${engine.from.title}: ${problem}`);
  const env = { [insideVariable]: otherTree };
  const [status] = await once(startInside(engine, process.argv.slice(1), { env }), "exit");
  process.exitCode = status ?? 1;
}

async function bench(otherTree) {
  const { signal } = interrupted;
  const stage = await openStage(signal);
  try {
    const peers = await findPeers(stage.env);
    const surroundings = await environment(stage, peers);
    const environmentTable = `${environmentText(surroundings)}\n`;
    console.log(environmentTable);
    const stages = { here: stage, there: otherTree === "" ? undefined : stage.for(otherTree, "other") };
    const outcomes = [];
    for (const measurement of options.chosen) {
      // Not of this project: it has no row that another commit could change.
      if (stages.there !== undefined && measurement.ours === undefined) continue;
      const rounds = options.rounds ?? measurement.rounds;
      const outcome = await outcomeOf(measurement, stages, peers, rounds);
      outcomes.push(outcome);
      console.log(outcomeText(outcome));
    }
    await writeJson({ environment: surroundings, outcomes });
    if (options.writeDocs)
      await writeDocs(join(root, "docs", "performance.md"), {
        engine: surroundings.engine.split(",")[0],
        environment: environmentTable,
        // A failed measurement has no table; its table of an earlier run stays.
        tables: outcomes.filter(({ results }) => results.length > 0).map(outcomeText),
      });
    if (outcomes.some(({ verdicts }) => verdicts.some(({ isSlower }) => isSlower))) process.exitCode = 1;
  } finally {
    await stage.close();
  }
}

/** A measurement that fails does not affect the others. */
async function outcomeOf(measurement, stages, peers, rounds) {
  const { signal } = interrupted;
  process.stderr.write(`${measurement.name} ...\n`);
  try {
    if (stages.there !== undefined) {
      const rev = options.against;
      return { measurement, ...(await compareCommits(measurement, { stages, peers, rounds, rev })) };
    }
    const results =
      measurement.results === undefined
        ? await compare(await measurement.contenders(stages.here, peers), { rounds, signal })
        : await measurement.results(stages.here, rounds);
    return { measurement, results, verdicts: judge(measurement, results) };
  } catch (error) {
    signal.throwIfAborted();
    console.error(`${measurement.name} failed: ${error.message}`);
    process.exitCode = 1;
    const notes = [`Could not be measured: ${error.message.split("\n")[0]}`];
    return { measurement, results: Object.assign([], { notes }), verdicts: [] };
  }
}

async function writeJson({ environment: surroundings, outcomes }) {
  const file = resolve(root, options.json);
  await mkdir(dirname(file), { recursive: true });
  const measured = outcomes.map(({ measurement: { name, title, unit = "ms" }, results, verdicts }) => ({
    name,
    title,
    unit,
    results,
    notes: results.notes ?? [],
    verdicts,
  }));
  await writeFile(
    file,
    `${JSON.stringify({ environment: surroundings, measurements: measured }, null, 2)}\n`,
  );
  console.log(`The samples are in ${file}.`);
}

try {
  await main();
  process.exit();
} catch (error) {
  console.error(
    interrupted.signal.aborted
      ? "The benchmark was interrupted."
      : `The benchmark failed: ${error.message}\n${error.hint ?? ""}`,
  );
  process.exit(interrupted.signal.aborted ? 130 : 1);
}
