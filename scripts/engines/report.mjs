// The result of a matrix run: one line for each engine, and a total.
import { relative } from "node:path";
import { root } from "../pnpm.mjs";

/** Whether this result makes the whole run fail. */
export function failed({ engine, problem, status }) {
  return problem === undefined ? status !== 0 : engine.from.isRequired;
}

export function printReport(results) {
  const total = { passed: 0, repeated: 0, failed: 0, skipped: 0 };
  console.error("\nEngines:");
  for (const result of results) {
    const version = result.facts === undefined ? "" : `${result.facts.version}: `;
    console.error(`  ${result.engine.name.padEnd(20)}  ${version}${outcome(result)}`);
    for (const [word, file] of failures(result)) console.error(`  ${"".padEnd(20)}    ${word} ${file}`);
    const counts = countTests(result);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  const missing = results.filter(({ problem }) => problem !== undefined).length;
  const engines = `${results.length - missing} run${missing === 0 ? "" : `, ${missing} NOT RUN`}`;
  console.error(`Engines total: ${engines}; tests: ${words(total)}`);
}

/** Describes the outcome of one engine. */
export function outcome({ problem, status, tests, again, seconds }) {
  if (problem !== undefined) return `NOT RUN: ${problem}`;
  if (tests === undefined) return `FAILED: exited with status ${status} before jest reported`;
  return `${tests.numTotalTestSuites} files, ${words(countTests({ tests, again }))}, ${Math.round(seconds)} s`;
}

/** A test that fails and then passes in a second run counts as `repeated`. */
function countTests({ tests, again }) {
  const failing = countFailed(again ?? { tests });
  return {
    passed: tests?.numPassedTests ?? 0,
    // A file that could not start counts as one, and may fail in several tests the second time.
    repeated: Math.max(0, countFailed({ tests }) - failing),
    failed: failing,
    skipped: (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0),
  };
}

function countFailed({ tests }) {
  return (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0);
}

function words(counts) {
  return Object.entries(counts)
    .filter(([key, count]) => count > 0 || key === "passed")
    .map(([key, count]) => `${count} ${key === "repeated" ? "passed only in a second run" : key}`)
    .join(", ");
}

function failures(result) {
  const failing = new Set(failedFiles(result.again ?? result));
  return failedFiles(result).map((file) => [failing.has(file) ? "FAIL" : "PASSED THE SECOND TIME", file]);
}

/** Returns the failed test files, relative to the root of the checkout. */
export function failedFiles({ tests }) {
  const files = (tests?.testResults ?? []).filter(({ status }) => status === "failed");
  return files.map(({ name }) => relative(root, name)).sort();
}
