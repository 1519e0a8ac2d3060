import { missingEngineReason, testEngineAddress } from "./test-engine.js";

/** What is used of a test runner; that of `@jest/globals` or vitest satisfies it. */
export interface SuiteRunner {
  readonly describe: {
    (name: string, body: () => void): unknown;
    readonly skip: (name: string, body: () => void) => unknown;
  };
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * A suite that needs a container engine. Without one it is skipped, and says so on stderr; where `CI` is set it fails.
 * The address is only good inside of tests and hooks.
 */
export function describeWithEngine(
  runner: SuiteRunner,
  name: string,
  body: (engine: { readonly address: string }) => void,
): void {
  const address = testEngineAddress();
  if (address !== undefined) {
    runner.describe(name, () => {
      body({ address });
    });
    return;
  }
  const reason = missingEngineReason();
  if (isSet(process.env.CI)) {
    runner.test(`${name} (needs a container engine)`, () =>
      Promise.reject(new Error(`no container engine: ${reason}`)),
    );
    return;
  }
  process.stderr.write(`\nENGINE TESTS SKIPPED: ${name}: ${reason}\n`);
  runner.describe.skip(name, () => {
    body({ address: "unix:///no-engine" });
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false";
}
