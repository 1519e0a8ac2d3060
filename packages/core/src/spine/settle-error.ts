import { internal } from "../errors/error-table.js";
import { isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import type { Mask } from "../text/mask.js";
import { maskError } from "../text/mask-error.js";
import { stampSource } from "./stamp-source.js";

/**
 * Returns the error of a source as its callers see it: with a code, the name of the source, and secrets masked. If the
 * signal has aborted with an error of ours, that one.
 */
export function settleError(
  error: unknown,
  source: string,
  mask: Mask,
  signal?: AbortSignal,
): ImageSourceError {
  const reason: unknown = signal?.aborted === true ? signal.reason : undefined;
  const known = [reason, error].find(isImageSourceError) ?? internal(error);
  return maskError(stampSource(known, source), mask);
}
