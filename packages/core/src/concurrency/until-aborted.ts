import type { Clock } from "../contract/edges.js";

/** How long work may take to clean up after an abort before it is abandoned. */
const graceMs = 5_000;

/**
 * Returns the result of the work. After an abort, waits a moment for the work to end, so that its clean-up is done when
 * this rejects; work that ignores its signal is abandoned.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancelGrace: (() => void) | undefined;
    const onAbort = (): void => {
      cancelGrace = clock.after(graceMs, () => {
        reject(signal.reason as Error);
      });
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
      cancelGrace?.();
    });
  });
}
