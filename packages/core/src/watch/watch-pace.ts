import type { ImageSourceError } from "../errors/errors.js";

const longestBackOffMs = 3_600_000;
/** Whoever asks for more is asked again after a day. */
const longestWaitMs = 86_400_000;

/** Twice as long with each failure in a row, up to an hour; never sooner than the other side has asked for. */
export function backOffMs(everyMs: number, failures: number, error: ImageSourceError): number {
  const longest = Math.max(everyMs, longestBackOffMs);
  return Math.max(Math.min(everyMs * 2 ** failures, longest), askedToWaitMs(error));
}

/** What `Retry-After` said, as far as it is reasonable. */
export function askedToWaitMs({ transient }: ImageSourceError): number {
  return Math.min(transient?.afterMs ?? 0, longestWaitMs);
}

/** Up to a tenth more or less, so that many who watch the same do not come at the same time. */
export function withJitter(milliseconds: number): number {
  return Math.round(milliseconds * (0.9 + Math.random() / 5));
}
