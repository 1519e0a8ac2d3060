/** What is used of a test runner; that of `@jest/globals` or vitest satisfies it. */
export interface SuiteRunner {
  readonly describe: {
    (name: string, body: () => void): unknown;
    readonly skip: (name: string, body: () => void) => unknown;
  };
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** What tests need that not every machine has. */
export interface Need {
  /** Such as "a container engine". */
  readonly what: string;
  /** Why this machine has none; undefined when it has. */
  readonly missing: string | undefined;
}

/** A suite that needs something of the machine. Without it it is skipped, and says so on stderr; where `CI` is set it fails. */
export function describeWherePossible(
  runner: SuiteRunner,
  name: string,
  { what, missing }: Need,
  body: () => void,
): void {
  if (missing === undefined) {
    runner.describe(name, body);
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
