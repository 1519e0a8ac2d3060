/** An idle timeout. */
export interface IdleTimer {
  /** Aborts if `touch` was not called for too long. */
  readonly signal: AbortSignal;
  readonly touch: () => void;
  /** Stops the timer; must always be called. */
  readonly stop: () => void;
}

/** Starts an idle timeout. Uses real timers, because it guards real connections. */
export function startIdleTimer(silenceMs: number): IdleTimer {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, silenceMs);
  return {
    signal: controller.signal,
    touch: () => timer.refresh(),
    stop: () => {
      clearTimeout(timer);
    },
  };
}
