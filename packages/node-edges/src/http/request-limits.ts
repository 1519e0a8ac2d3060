import { linkAbort } from "@molecule/core";

/** The limits of a request, in milliseconds. */
export interface RequestBounds {
  /** The longest time without data. */
  readonly idleMs: number;
  /** The overall time limit. Default: none. */
  readonly deadlineMs?: number;
  /** The caller's signal. */
  readonly signal?: AbortSignal | undefined;
}

/** The running time limits of a request. */
export interface RequestLimits {
  /** Aborts when a limit is reached, with the caller's signal, or with `abort`. */
  readonly signal: AbortSignal;
  /** The limit that was reached, if any. */
  readonly reached: "idle" | "deadline" | undefined;
  /** Restarts the idle timeout. */
  readonly touch: () => void;
  readonly abort: () => void;
  /** Stops the timers and no longer follows the caller's signal; must always be called. */
  readonly stop: () => void;
}

/**
 * Starts the time limits of a request. Uses real timers, because they guard real connections. One signal for everything
 * that ends a request: an `AbortSignal.timeout` stays in memory until it expires, long after the response.
 */
export function startRequestLimits({ idleMs, deadlineMs, signal: caller }: RequestBounds): RequestLimits {
  const { signal, abort, unlink } = linkAbort(caller);
  let reached: RequestLimits["reached"];
  const reach = (limit: "idle" | "deadline"): void => {
    reached ??= limit;
    abort();
  };
  const idle = setTimeout(reach, idleMs, "idle");
  const deadline = deadlineMs === undefined ? undefined : setTimeout(reach, deadlineMs, "deadline");
  return {
    signal,
    get reached() {
      return reached;
    },
    touch: () => idle.refresh(),
    abort,
    stop: () => {
      clearTimeout(idle);
      clearTimeout(deadline);
      unlink();
    },
  };
}
