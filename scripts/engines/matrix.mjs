// Runs the tests of each engine that MOLECULE_TEST_ENGINES names, one engine after the other. Arguments go to jest.
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../pnpm.mjs";
import { findEngines } from "./catalog.mjs";
import { startInside } from "./inside.mjs";
import { programVersion } from "./probe.mjs";
import { failed, printReport } from "./report.mjs";
import { prepareRoot } from "./root-cache.mjs";
import { selectTests } from "./select-tests.mjs";

const jest = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  "node_modules/jest/bin/jest.js",
];

/** Takes names with commas between. Resolves with the exit status: 0 when every engine that has to be there was, and no test failed. */
export async function runMatrix(names, args) {
  const engines = findEngines(
    names
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  );
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => (interrupted = true));
  const results = [];
  for (const engine of engines) {
    const problem = prepareRoot(engine.from);
    if (interrupted) break;
    results.push(problem === undefined ? await runEngine(engine, args) : notRun(engine, problem));
  }
  printReport(results);
  return interrupted || results.length === 0 || results.some(failed) ? 1 : 0;
}

function notRun(engine, problem) {
  console.error(`\n*** ${engine.name} IS NOT TESTED: cannot prepare ${engine.from.title}: ${problem}\n`);
  return { engine, problem };
}

async function runEngine(engine, args) {
  const files = selectTests(engine.kind);
  const version = await programVersion(engine);
  console.error(`\n=== ${engine.name}: ${version} of ${engine.from.title}, ${files.length} test files\n`);
  const directory = join(root, "artifacts", "engines");
  const outputFile = join(directory, `${engine.name}.json`);
  mkdirSync(directory, { recursive: true });
  rmSync(outputFile, { force: true });

  const selection = args.some((arg) => !arg.startsWith("-")) ? args : [...args, "--runTestsByPath", ...files];
  const command = [...jest, "--json", `--outputFile=${outputFile}`, ...selection];
  // A suite that cannot run fails: here nothing may be skipped.
  const env = {
    CI: process.env.CI || "true",
    MOLECULE_TEST_ENGINE: "",
    MOLECULE_NO_ENGINE: "",
    MOLECULE_TEST_ENGINES: "",
  };
  const child = startInside(engine, command, { env, stdio: ["inherit", 2, "inherit"] });
  const forward = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, forward);
  const start = performance.now();
  const [status] = await once(child, "exit");
  for (const signal of ["SIGTERM", "SIGHUP"]) process.off(signal, forward);
  return {
    engine,
    version,
    status,
    seconds: (performance.now() - start) / 1000,
    tests: readCounts(outputFile),
  };
}

/** What jest wrote; undefined when it ended before that. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
