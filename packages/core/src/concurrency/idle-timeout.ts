import type { Clock } from "../contract/edges.js";
import type { ProgressEvent } from "../contract/progress.js";

/** Calls back when no progress is reported for too long. */
export interface IdleTimeout {
  touch(event: ProgressEvent): void;
  /** Suspends the timeout while this is pending, because work then waits for a display. */
  hold(until: Promise<void>): void;
  stop(): void;
}

/**
 * Starts an idle timeout on the reports of steps, by the monotonic clock. A `quiet` event suspends it until the next
 * report.
 */
export function startIdleTimeout(clock: Clock, stallAfterMs: number, onStall: () => void): IdleTimeout {
  let lastMs = clock.monotonicMs();
  let isQuiet = false;
  let held: Promise<void> | undefined;
  let isConfirming = false;
  let cancel = clock.after(stallAfterMs, check);

  // One timer rather than one for each event: there may be a million events.
  function check(): void {
    const isPatient = isQuiet || held !== undefined;
    const leftMs = isPatient ? stallAfterMs : lastMs + stallAfterMs - clock.monotonicMs();
    if (leftMs <= 0 && isConfirming) {
      onStall();
      return;
    }
    isConfirming = leftMs <= 0;
    // If a terminal blocked this process, timers fire before pending reports of the engine are read.
    cancel = clock.after(isConfirming ? Math.min(1000, stallAfterMs / 10) : leftMs, check);
  }

  return {
    touch: ({ type }) => {
      isQuiet = type === "quiet";
      lastMs = clock.monotonicMs();
    },
    hold: (until) => {
      if (held === until) return;
      held = until;
      void until.then(() => {
        if (held === until) held = undefined;
        lastMs = clock.monotonicMs();
      });
    },
    stop: () => {
      cancel();
    },
  };
}
