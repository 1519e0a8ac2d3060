import type { SuiteRunner } from "./describe-where-possible.js";

/** A test runner with hooks, which start and stop what the suite needs. */
export interface HookedRunner extends SuiteRunner {
  readonly beforeAll: (hook: () => Promise<void>, timeoutMs?: number) => unknown;
  readonly afterAll: (hook: () => Promise<void>) => unknown;
}

/**
 * Starts something before the tests of the suite and stops it after them. Returns it, inside tests and hooks only.
 * @param timeoutMs how long the start may take. Default: the runner's timeout
 */
export function startForSuite<T extends { readonly stop: () => Promise<void> }>(
  runner: HookedRunner,
  start: () => Promise<T>,
  timeoutMs?: number,
): () => T {
  let started: T | undefined;
  runner.beforeAll(async () => {
    started = await start();
  }, timeoutMs);
  runner.afterAll(async () => {
    await started?.stop();
  });
  return () => {
    if (started === undefined) throw new TypeError("available only inside tests and hooks");
    return started;
  };
}
