import { setImmediate } from "node:timers/promises";

/** How long the event loop may be blocked. */
const sliceMs = 5;

/**
 * Returns a function for long synchronous work to call regularly. Now and then it returns a promise: await it, so that
 * timers, aborts and connections are handled.
 */
export function eventLoopPauses(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < sliceMs) return undefined;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
}
