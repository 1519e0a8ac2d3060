import { MessageChannel } from "node:worker_threads";
import type { Clock } from "@molecule/core";

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock, and waits for everything that is due on the way, in order. */
  elapse(milliseconds: number): Promise<void>;
}

export function createManualClock(): ManualClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = 0;
  return {
    monotonicMs: () => now,
    wallMs: () => now,
    after: (milliseconds, callback) => {
      const timer = { at: now + milliseconds, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async elapse(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await turn();
        const [next] = [...timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.callback();
      }
      now = end;
    },
  };
}

/** Resolves when all pending promise callbacks have run. Unlike `setImmediate`, no test runner replaces this. */
async function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.once("message", resolve);
    port2.postMessage(undefined);
  });
  port1.close();
}
