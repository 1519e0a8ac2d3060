import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

/** How long cleanup may take after an abort: as long as the spine waits for it. */
export const promptMs = 5_000;
/** How long background work may take to disappear, such as a tool that cleans up after itself on a busy machine. */
const soonMs = 20_000;
/** After this time a source is considered to hang. */
export const hangMs = 50_000;

/** Returns the result of the work. Throws if there is none within the time limit. */
export async function inTime<T>(work: Promise<T>, what: string, milliseconds = hangMs): Promise<T> {
  const stop = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: stop.signal }).then(
    () => assert.fail(`${what} did not end within ${String(milliseconds / 1000)} s`),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

/** How a call ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export async function outcomeOf<T>(
  work: Promise<T>,
  what: string,
  milliseconds = hangMs,
): Promise<Outcome<T>> {
  const settled: Promise<Outcome<T>> = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return inTime(settled, what, milliseconds);
}

/** Returns the error that the call failed with. Throws if the call succeeded. */
export async function failureOf(work: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await outcomeOf(work, what);
  assert.ok("error" in outcome, `${what} did not fail`);
  return outcome.error;
}

/** Polls until nothing is left, and throws with the remaining items when the time is up. */
export async function soonEmpty(look: () => Promise<readonly string[]>, what: string): Promise<void> {
  const end = performance.now() + soonMs;
  let left = await look();
  while (left.length > 0 && performance.now() < end) {
    await sleep(50);
    left = await look();
  }
  assert.deepEqual(left, [], what);
}
