import type { Clock } from "../contract/edges.js";
import { delay } from "../concurrency/delay.js";

/** The events of one runtime that have not been followed by a poll. */
export interface RuntimeEvents {
  /** Records an event. Events that arrive before the next poll count as one. */
  announce(): void;
  /**
   * Resolves after `longestMs`, or earlier for an event, but not before `shortestMs`. Rejects with the signal's reason if
   * it aborts.
   */
  untilDue(
    wait: { readonly shortestMs: number; readonly longestMs: number },
    signal: AbortSignal,
  ): Promise<void>;
}

/** The number of events in a row that are followed by an immediate poll. */
const burst = 5;
/** After a burst, one event per this interval is. A sender of any number of events costs the forge no more requests. */
const refillMs = 12_000;

export function runtimeEvents(clock: Clock): RuntimeEvents {
  let isPending = false;
  let wake = (): void => undefined;
  // The time at which the budget is full again: each poll for an event moves it by one interval.
  let fullAt = 0;

  const budgetDelayMs = (): number => Math.max(0, fullAt - (burst - 1) * refillMs - clock.monotonicMs());

  return {
    announce() {
      isPending = true;
      wake();
    },
    async untilDue({ shortestMs, longestMs }, signal) {
      const started = clock.monotonicMs();
      const elapsed = (): number => clock.monotonicMs() - started;
      for (;;) {
        const eventMs = Math.max(shortestMs - elapsed(), budgetDelayMs());
        const remainingMs = Math.min(longestMs - elapsed(), isPending ? eventMs : Infinity);
        if (remainingMs <= 0) break;
        const woken = new AbortController();
        wake = () => {
          woken.abort();
        };
        try {
          await delay(clock, remainingMs, AbortSignal.any([signal, woken.signal]));
        } catch (error) {
          if (!woken.signal.aborted || signal.aborted) throw error;
        }
      }
      if (isPending) fullAt = Math.max(fullAt, clock.monotonicMs()) + refillMs;
      isPending = false;
    },
  };
}
