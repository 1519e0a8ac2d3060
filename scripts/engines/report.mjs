// What a run of the matrix found, one line for each engine and a total.
import { relative } from "node:path";
import { root } from "../pnpm.mjs";

/** Whether this result makes the whole run fail. */
export function failed({ engine, problem, status }) {
  return problem === undefined ? status !== 0 : engine.from.isRequired;
}

export function printReport(results) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  console.error("\nEngines:");
  for (const result of results) {
    console.error(`  ${result.engine.name.padEnd(20)}  ${outcome(result)}`);
    for (const file of failedFiles(result)) console.error(`  ${"".padEnd(20)}    FAIL ${file}`);
    const counts = countTests(result);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  const missing = results.filter(({ problem }) => problem !== undefined).length;
  const engines = `${results.length - missing} run${missing === 0 ? "" : `, ${missing} NOT RUN`}`;
  console.error(`Engines total: ${engines}; tests: ${words(total)}`);
}

/** The outcome of one engine in words. */
export function outcome({ version, problem, status, tests, seconds, ...result }) {
  if (problem !== undefined) return `NOT RUN: ${problem}`;
  if (tests === undefined) return `${version}  jest ended with ${status} before it reported`;
  const suites = `${tests.numTotalTestSuites} suites`;
  return `${version}  ${suites}, ${words(countTests({ tests, ...result }))}, ${Math.round(seconds)} s`;
}

function countTests({ tests }) {
  return {
    passed: tests?.numPassedTests ?? 0,
    failed: (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0),
    skipped: (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0),
  };
}

function words(counts) {
  return Object.entries(counts)
    .filter(([key, count]) => count > 0 || key === "passed")
    .map(([key, count]) => `${count} ${key}`)
    .join(", ");
}

function failedFiles({ tests }) {
  const files = (tests?.testResults ?? []).filter(({ status }) => status === "failed");
  return files.map(({ name }) => relative(root, name)).sort();
}
