/** The part of a test runner that is used here; `@jest/globals` and vitest satisfy it. */
export interface SuiteRunner {
  readonly describe: {
    (name: string, body: () => void): unknown;
    readonly skip: (name: string, body: () => void) => unknown;
  };
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** A requirement of tests that not every machine meets. */
export interface Need {
  /** For example, "a container engine". */
  readonly what: string;
  /** Why this machine does not meet it; undefined if it does. */
  readonly missing: string | undefined;
}

/** The kinds of engine that a run of the test matrix distinguishes. */
export type EngineKind = "docker" | "podman" | "buildah" | "buildkit";

/** How many suites are being declared, each within the one before. */
let depth = 0;

/**
 * Whether this run includes a suite of this kind. Outside the test matrix, it includes all of them. The matrix includes
 * suites of one kind, with everything in them: a suite within another needs both kinds.
 */
export function isKindTested(kind: EngineKind): boolean {
  const only = process.env.MOLECULE_TEST_KIND;
  return depth > 0 || !isSet(only) || only === kind;
}

/**
 * A suite with a requirement of the machine. If the machine does not meet it, the suite is skipped with a note on
 * stderr; if `CI` is set, it fails.
 */
export function describeWherePossible(
  runner: SuiteRunner,
  name: string,
  { what, missing }: Need,
  body: () => void,
): void {
  if (missing === undefined) {
    runner.describe(name, () => {
      depth += 1;
      body();
      depth -= 1;
    });
    return;
  }
  if (isSet(process.env.CI)) {
    runner.test(`${name} (needs ${what})`, () => Promise.reject(new Error(`no ${bare(what)}: ${missing}`)));
    return;
  }
  process.stderr.write(`\nENGINE TESTS SKIPPED: ${name}: ${missing}\n`);
  runner.describe.skip(name, body);
}

function bare(what: string): string {
  return what.replace(/^an? /, "");
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false";
}
