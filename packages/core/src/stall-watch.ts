import type { Clock } from "./edges.js";
import type { ProgressEvent } from "./progress.js";

/** Calls when nothing has been heard for too long. */
export interface StallWatch {
  heard(event: ProgressEvent): void;
  stop(): void;
}

/**
 * Silence is measured on what steps report, by the monotonic clock. After a `quiet` event silence is no stall, until
 * something else is heard.
 */
export function watchStall(clock: Clock, stallAfterMs: number, onStall: () => void): StallWatch {
  let lastMs = clock.monotonicMs();
  let isQuiet = false;
  let cancel = clock.after(stallAfterMs, look);

  // Not a timer for each event: there may be a million of them.
  function look(): void {
    const leftMs = isQuiet ? stallAfterMs : lastMs + stallAfterMs - clock.monotonicMs();
    if (leftMs <= 0) onStall();
    else cancel = clock.after(leftMs, look);
  }

  return {
    heard: ({ type }) => {
      isQuiet = type === "quiet";
      lastMs = clock.monotonicMs();
    },
    stop: () => {
      cancel();
    },
  };
}
