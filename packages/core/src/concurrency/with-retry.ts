import type { Clock } from "../contract/edges.js";
import { isImageSourceError, type ImageSourceError, type Transient } from "../errors/errors.js";
import type { Call } from "../contract/image-source.js";
import { delay } from "./delay.js";

/** How long a server that restarts is waited for, in all. Also the longest delay that a server may ask for. */
const budgetMs = 30_000;
const firstDelayMs = 500;
const maxDelayMs = 8_000;
/** The attempts of work that is slow to fail, such as a build, whatever time they take. */
const minTries = 4;
/** The delays after which the caller's alternative counts, which is two attempts later. */
const alternativeAfterMs = 1_000;

/** How to end the retries early. */
export interface RetryOptions {
  /**
   * Called once, about two seconds after the first failure. Returns whether the caller has an alternative to waiting; if
   * so, this error is final. If it rejects, the retries continue.
   */
  readonly hasAlternative?: (error: ImageSourceError) => Promise<boolean>;
}

type TemporaryFailure = ImageSourceError & { readonly transient: Transient };

/**
 * Returns the result of the work, retried for about 30 s, or as long as the condition can last, with growing delays while
 * it fails temporarily. The final error states the number of attempts.
 */
export async function withRetry<T>(
  what: string,
  call: Pick<Call, "signal" | "progress" | "log">,
  clock: Clock,
  work: () => Promise<T>,
  { hasAlternative }: RetryOptions = {},
): Promise<T> {
  let firstFailureMs: number | undefined;
  let waitedMs = 0;
  let isAlternativeOpen = hasAlternative !== undefined;
  const isReplaceable = async (error: ImageSourceError): Promise<boolean> => {
    try {
      return (await hasAlternative?.(error)) === true;
    } catch (cause) {
      if (call.signal.aborted) throw cause;
      call.log.debug("cannot tell whether there is an alternative to retrying", { error: String(cause) });
      return false;
    }
  };
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isTemporary(error) || call.signal.aborted) throw error;
      firstFailureMs ??= clock.monotonicMs();
      const { afterMs: requestedMs = 0, withinMs = budgetMs } = error.transient;
      const leftMs = withinMs - waitedMs;
      if (requestedMs > leftMs) throw delayTooLong(error, requestedMs);
      if (leftMs <= 0 || (tries >= minTries && clock.monotonicMs() - firstFailureMs >= withinMs))
        throw gaveUp(error, tries);
      if (isAlternativeOpen && waitedMs >= alternativeAfterMs) {
        isAlternativeOpen = false;
        if (await isReplaceable(error)) throw gaveUp(error, tries);
      }
      const waitMs = Math.max(requestedMs, Math.min(backOff(tries), leftMs));
      waitedMs += waitMs;
      // The step below already shows this to users.
      call.log.info("temporary failure; retrying", {
        what,
        tries,
        waitMs,
        code: error.code,
        why: error.message,
      });
      await call.progress.step("wait", what, async (report) => {
        report.quiet(`retrying in ${seconds(waitMs)} s: ${error.message}`);
        await delay(clock, waitMs, call.signal);
      });
    }
  }
}

function isTemporary(error: unknown): error is TemporaryFailure {
  return isImageSourceError(error) && error.transient !== null;
}

/** Returns the exponential delay, with jitter. */
function backOff(tries: number): number {
  return Math.round(Math.min(maxDelayMs, firstDelayMs * 2 ** (tries - 1)) * (0.75 + Math.random() / 2));
}

function gaveUp(error: ImageSourceError, tries: number): ImageSourceError {
  return error.with({ message: `${error.message} (tried ${String(tries)} times)` });
}

function delayTooLong(error: ImageSourceError, waitMs: number): ImageSourceError {
  return error.with({
    message: `${error.message} (the server asks to wait ${seconds(waitMs)} s)`,
    hint: `Retry in ${seconds(waitMs)} s. ${error.hint}`,
  });
}

function seconds(milliseconds: number): string {
  return String(Math.ceil(milliseconds / 100) / 10);
}
