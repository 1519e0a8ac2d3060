import { setImmediate } from "node:timers/promises";

/** How long everything else in the process may be kept waiting. */
const sliceMs = 5;

/**
 * For work that seldom waits for anything: what it awaits now and then so that everything else in the process, timers
 * and aborts and connections, gets its turn.
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
