import { cancelled, isImageSourceError, type ImageSourceError } from "@molecule/core";

/**
 * Returns the error of a call whose signal has aborted: the signal's reason if it is one of our errors, else
 * `CANCELLED`.
 */
export function cancellation(signal: AbortSignal | undefined): ImageSourceError {
  return isImageSourceError(signal?.reason) ? signal.reason : cancelled();
}

/** Whether the caller has aborted. */
export function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
