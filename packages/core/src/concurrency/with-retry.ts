import type { Clock } from "../contract/edges.js";
import type { ImageSourceError } from "../errors/errors.js";
import { isImageSourceError } from "../errors/errors.js";
import type { Call } from "../contract/image-source.js";
import { delay } from "./delay.js";

/** The number of attempts in all. */
const maxTries = 4;
const firstDelayMs = 500;
/** A longer delay is reported to the caller instead of waited for. */
const maxDelayMs = 30_000;

/**
 * Returns the result of the work, retried a few times with growing delays if it fails temporarily.
 * The final error states the number of attempts.
 */
export async function withRetry<T>(
  what: string,
  call: Pick<Call, "signal" | "progress" | "log">,
  clock: Clock,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isImageSourceError(error) || error.transient === null || call.signal.aborted) throw error;
      const waitMs = Math.max(error.transient.afterMs ?? 0, backOff(tries));
      if (waitMs > maxDelayMs) throw askedToWait(error, waitMs);
      if (tries === maxTries) throw gaveUp(error, tries);
      call.log.warn("temporary failure; retrying", {
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

/** Returns the exponential delay, with jitter. */
function backOff(tries: number): number {
  return Math.round(firstDelayMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2));
}

function gaveUp(error: ImageSourceError, tries: number): ImageSourceError {
  return error.with({ message: `${error.message} (tried ${String(tries)} times)` });
}

function askedToWait(error: ImageSourceError, waitMs: number): ImageSourceError {
  return error.with({
    message: `${error.message} (the server asks to wait ${seconds(waitMs)} s)`,
    hint: `Retry in ${seconds(waitMs)} s. ${error.hint}`,
  });
}

function seconds(milliseconds: number): string {
  return String(Math.ceil(milliseconds / 100) / 10);
}
