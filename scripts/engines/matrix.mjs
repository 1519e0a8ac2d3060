// Runs the tests for each engine in MOLECULE_TEST_ENGINES, one engine at a time. Passes its arguments to jest, except
// for --write-docs, which writes the table in docs/operating/engines.md.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineNames, findEngines } from "./catalog.mjs";
import { writeDocument } from "./document.mjs";
import { startInside } from "./inside.mjs";
import { engineFacts } from "./probe.mjs";
import { failed, failedFiles, printReport } from "./report.mjs";
import { prepareRoot } from "./root-cache.mjs";
import { selectTests } from "./select-tests.mjs";

const writeDocs = "--write-docs";
const byPath = "--runTestsByPath";

/** With more failing files than this, the failures are not chance, and a second run would only cost time. */
const maxRepeated = 3;
const jest = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  "node_modules/jest/bin/jest.js",
];

/** Takes comma-separated names. Resolves with the exit status: 0 if every required engine ran, and no test failed. */
export async function runMatrix(names, args) {
  const engines = findEngines(names.split(",").flatMap((name) => name.trim() || []));
  const jestArgs = args.filter((arg) => arg !== writeDocs);
  const isWhole = engines.length === engineNames.length && jestArgs.every((arg) => arg.startsWith("-"));
  if (args.includes(writeDocs) && !isWhole) {
    console.error(`${writeDocs} needs the whole matrix: set MOLECULE_TEST_ENGINES=all, and name no tests`);
    return 2;
  }

  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => (interrupted = true));
  const results = [];
  for (const engine of engines) {
    const problem = prepareRoot(engine.from);
    // A signal that arrived during the preparation is handled only now.
    await new Promise(setImmediate);
    if (interrupted) break;
    results.push(
      problem === undefined ? await runEngine(engine, jestArgs, () => interrupted) : notRun(engine, problem),
    );
  }
  if (args.includes(writeDocs) && !interrupted) await writeDocument(results);
  printReport(results);
  return interrupted || results.length === 0 || results.some(failed) ? 1 : 0;
}

function notRun(engine, problem) {
  console.error(`\n*** ${engine.name} IS NOT TESTED: cannot prepare ${engine.from.title}: ${problem}\n`);
  return { engine, problem };
}

async function runEngine(engine, args, isInterrupted) {
  const facts = await engineFacts(engine);
  if (facts === undefined) return { engine, status: 1 };
  const files = selectTests(engine.kind);
  const title = [facts.version, engine.from.title, ...facts.differences].join("; ");
  console.error(`\n=== ${engine.name}: ${title}; ${files.length} test files\n`);

  // Arguments that are not options select the tests themselves.
  const selecting = (some) => (args.every((arg) => arg.startsWith("-")) ? [...args, byPath, ...some] : args);
  const start = performance.now();
  const first = await runTests(engine, selecting(files));
  const failing = failedFiles(first);
  let again;
  if (failing.length > 0 && failing.length <= maxRepeated && !isInterrupted()) {
    console.error(`\n=== ${engine.name}: running again: ${failing.join(", ")}\n`);
    const second = await runTests(engine, selecting(failing));
    // A run that ended before it reported proves nothing.
    if (second.tests !== undefined) again = second;
  }
  const { status } = again ?? first;
  return { engine, facts, status, seconds: (performance.now() - start) / 1000, tests: first.tests, again };
}

async function runTests(engine, args) {
  const directory = mkdtempSync(join(tmpdir(), "mol-"));
  const outputFile = join(directory, "tests.json");
  const status = await runJest(engine, ["--json", `--outputFile=${outputFile}`, ...args]);
  const tests = readCounts(outputFile);
  rmSync(directory, { recursive: true, force: true });
  return { status, tests };
}

async function runJest(engine, args) {
  const env = {
    // A suite that lacks a requirement fails: nothing may be skipped here.
    CI: process.env.CI || "true",
    MOLECULE_TEST_ENGINE: "",
    // Each kind has engines of its own in the matrix, so its suites need not run with every other kind too.
    MOLECULE_TEST_KIND: engine.kind,
    MOLECULE_NO_ENGINE: "",
    MOLECULE_TEST_ENGINES: "",
  };
  const child = startInside(engine, [...jest, ...args], { env, stdio: ["inherit", 2, "inherit"] });
  // The terminal sends Ctrl-C to the child too.
  const forward = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, forward);
  const [status] = await once(child, "exit");
  for (const signal of ["SIGTERM", "SIGHUP"]) process.off(signal, forward);
  return status ?? 1;
}

/** The output of jest, or undefined if it exited before writing it. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
