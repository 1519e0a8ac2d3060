// Measures how long calls take on this machine, compared with other tools that do the same.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { root } from "../scripts/pnpm.mjs";
import { compare } from "./compare.mjs";
import { environment } from "./environment.mjs";
import { judge } from "./judge.mjs";
import { parseOptions } from "./options.mjs";
import { findPeers } from "./peers.mjs";
import { environmentText, outcomeText } from "./report.mjs";
import { openStage } from "./stage.mjs";
import { writeDocs } from "./write-docs.mjs";

const options = parseOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.error(options);
  process.exit(2);
}
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());

async function bench() {
  const { signal } = interrupted;
  const stage = await openStage(signal);
  try {
    const peers = await findPeers(stage.env);
    const surroundings = await environment(stage, peers);
    const texts = [`${environmentText(surroundings)}\n`];
    console.log(texts[0]);
    const outcomes = [];
    for (const measurement of options.chosen) {
      const rounds = options.rounds ?? measurement.rounds;
      const outcome = await outcomeOf(measurement, stage, peers, rounds);
      outcomes.push(outcome);
      texts.push(outcomeText(outcome));
      console.log(texts.at(-1));
    }
    await writeJson({ environment: surroundings, outcomes });
    if (options.writeDocs)
      await writeDocs(join(root, "docs", "internals", "benchmark-results.md"), texts.join("\n"));
  } finally {
    await stage.close();
  }
}

/** A measurement that fails does not affect the others. */
async function outcomeOf(measurement, stage, peers, rounds) {
  try {
    const results = await measure(measurement, stage, peers, rounds);
    return { measurement, results, verdicts: judge(measurement, results) };
  } catch (error) {
    stage.signal.throwIfAborted();
    console.error(`${measurement.name} failed: ${error.message}`);
    process.exitCode = 1;
    const notes = [`Could not be measured: ${error.message.split("\n")[0]}`];
    return { measurement, results: Object.assign([], { notes }), verdicts: [] };
  }
}

async function measure(measurement, stage, peers, rounds) {
  process.stderr.write(`${measurement.name} ...\n`);
  if (measurement.results !== undefined) return measurement.results(stage, rounds);
  return compare(await measurement.contenders(stage, peers), { rounds, signal: stage.signal });
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
  await bench();
  process.exit();
} catch (error) {
  console.error(
    interrupted.signal.aborted
      ? "The benchmark was interrupted."
      : `The benchmark failed: ${error.message}\n${error.hint ?? ""}`,
  );
  process.exit(interrupted.signal.aborted ? 130 : 1);
}
