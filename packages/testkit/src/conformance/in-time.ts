import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

/** How long cleaning up may take after an abort: as long as the spine waits for it. */
export const promptMs = 5_000;
/** How long what nobody waits for may take to be gone: a tool that tidies up behind itself, on a busy machine. */
const soonMs = 20_000;
/** Past it a source is held to hang. */
export const hangMs = 50_000;

/** What the work comes to; fails when it comes to nothing in that time. */
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

/** What the call failed with; fails when it did not. */
export async function failureOf(work: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await outcomeOf(work, what);
  assert.ok("error" in outcome, `${what} did not fail`);
  return outcome.error;
}

/** Looks again until nothing is left, and fails with what is left when the time is up. */
export async function soonEmpty(look: () => Promise<readonly string[]>, what: string): Promise<void> {
  const end = performance.now() + soonMs;
  let left = await look();
  while (left.length > 0 && performance.now() < end) {
    await sleep(50);
    left = await look();
  }
  assert.deepEqual(left, [], what);
}
