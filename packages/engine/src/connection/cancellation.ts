import { cancelled, isImageSourceError, type ImageSourceError } from "@molecule/core";

/** What a call rejects with once its signal has aborted: the signal's own reason when that is one of ours. */
export function cancellation(signal: AbortSignal | undefined): ImageSourceError {
  return isImageSourceError(signal?.reason) ? signal.reason : cancelled();
}

/** Whether the caller has aborted. */
export function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
