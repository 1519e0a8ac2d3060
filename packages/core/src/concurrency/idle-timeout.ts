import type { Clock } from "../contract/edges.js";
import type { ProgressEvent } from "../contract/progress.js";

/** Calls back when no progress is reported for too long. */
export interface IdleTimeout {
  touch(event: ProgressEvent): void;
  /** Lets a step be idle for that long, until the step ends or this is called again. */
  allow(step: number, milliseconds: number | undefined): void;
  /** Suspends the timeout while this is pending, because work then waits for a display. */
  hold(until: Promise<void>): void;
  stop(): void;
}

/**
 * Starts an idle timeout on the reports of steps, by the monotonic clock. A `quiet` event suspends it until the next
 * report. Calls back with the milliseconds without progress that were too long.
 */
export function startIdleTimeout(
  clock: Clock,
  stallAfterMs: number,
  onStall: (milliseconds: number) => void,
): IdleTimeout {
  const allowed = new Map<number, number>();
  let lastMs = clock.monotonicMs();
  let isQuiet = false;
  let held: Promise<void> | undefined;
  let isConfirming = false;
  let cancel = clock.after(stallAfterMs, check);

  const limitMs = (): number => Math.max(stallAfterMs, ...allowed.values());

  // One timer rather than one for each event: there may be a million events.
  function check(): void {
    const isPatient = isQuiet || held !== undefined;
    const leftMs = isPatient ? stallAfterMs : lastMs + limitMs() - clock.monotonicMs();
    if (leftMs <= 0 && isConfirming) {
      onStall(limitMs());
      return;
    }
    isConfirming = leftMs <= 0;
    // If a terminal blocked this process, timers fire before pending reports of the engine are read.
    cancel = clock.after(
      isConfirming ? Math.min(1000, stallAfterMs / 10) : Math.min(leftMs, stallAfterMs),
      check,
    );
  }

  return {
    touch: ({ type, id }) => {
      isQuiet = type === "quiet";
      if (type === "finished") allowed.delete(id);
      lastMs = clock.monotonicMs();
    },
    allow: (step, milliseconds) => {
      if (milliseconds === undefined) allowed.delete(step);
      else allowed.set(step, milliseconds);
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
