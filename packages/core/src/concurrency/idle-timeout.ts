import type { Clock } from "../contract/edges.js";
import type { ProgressEvent } from "../contract/progress.js";

/** Calls when nothing has been heard for too long. */
export interface IdleTimeout {
  heard(event: ProgressEvent): void;
  /** Silence is no stall while this is pending: nobody listens until a display has caught up. */
  hold(until: Promise<void>): void;
  stop(): void;
}

/**
 * Silence is measured on what steps report, by the monotonic clock. After a `quiet` event silence is no stall, until
 * something else is heard.
 */
export function startIdleTimeout(clock: Clock, stallAfterMs: number, onStall: () => void): IdleTimeout {
  let lastMs = clock.monotonicMs();
  let isQuiet = false;
  let held: Promise<void> | undefined;
  let isConfirming = false;
  let cancel = clock.after(stallAfterMs, look);

  // Not a timer for each event: there may be a million of them.
  function look(): void {
    const isPatient = isQuiet || held !== undefined;
    const leftMs = isPatient ? stallAfterMs : lastMs + stallAfterMs - clock.monotonicMs();
    if (leftMs <= 0 && isConfirming) {
      onStall();
      return;
    }
    isConfirming = leftMs <= 0;
    // A terminal may have blocked this process: timers come before what the engine reported meanwhile.
    cancel = clock.after(isConfirming ? Math.min(1000, stallAfterMs / 10) : leftMs, look);
  }

  return {
    heard: ({ type }) => {
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
