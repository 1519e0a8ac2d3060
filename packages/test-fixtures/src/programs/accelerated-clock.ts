import { systemClock, type Clock } from "@molecule/core";

/** Returns a clock that runs `factor` times as fast as the machine's, for time limits that would take too long in a test. */
export function acceleratedClock(factor: number): Clock {
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    after: (milliseconds, callback) => systemClock.after(milliseconds / factor, callback),
  };
}
