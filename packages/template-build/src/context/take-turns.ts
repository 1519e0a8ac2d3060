import { setImmediate } from "node:timers/promises";

/** The longest time to block everything else in the process. */
const sliceMs = 5;

/**
 * For work that seldom waits for anything: awaited now and then, it gives everything else in the process (timers,
 * aborts, connections) a turn.
 */
export function takeTurns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < sliceMs) return undefined;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
}
