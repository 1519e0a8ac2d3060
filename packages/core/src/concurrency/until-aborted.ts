import type { Clock } from "../contract/edges.js";

/** How long work may take to clean up after an abort before it is left to itself. */
const graceMs = 5_000;

/**
 * The result of the work. After an abort the work gets a moment to end by itself, so that its clean-up is over when
 * this rejects; work that ignores its signal is left behind.
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
