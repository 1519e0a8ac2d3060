/** Watches over something that speaks from time to time. */
export interface IdleTimer {
  /** Aborts when nothing was heard for so long. */
  readonly signal: AbortSignal;
  readonly heard: () => void;
  /** Ends the watch; to be called in any case. */
  readonly stop: () => void;
}

/** Begins to watch. The machine's own timers count, for what they guard are its own connections. */
export function startIdleTimer(silenceMs: number): IdleTimer {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, silenceMs);
  return {
    signal: controller.signal,
    heard: () => timer.refresh(),
    stop: () => {
      clearTimeout(timer);
    },
  };
}
