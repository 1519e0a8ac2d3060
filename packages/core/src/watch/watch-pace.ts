import type { ImageSourceError } from "../errors/errors.js";

const longestBackOffMs = 3_600_000;
/** The longest delay that a server can ask for. */
const longestWaitMs = 86_400_000;

/** Returns the exponential delay, up to an hour, but never less than the server asked for. */
export function backOffMs(everyMs: number, failures: number, error: ImageSourceError): number {
  const longest = Math.max(everyMs, longestBackOffMs);
  return Math.max(Math.min(everyMs * 2 ** failures, longest), askedToWaitMs(error));
}

/** Returns the delay of `Retry-After`, up to a day. */
export function askedToWaitMs({ transient }: ImageSourceError): number {
  return Math.min(transient?.afterMs ?? 0, longestWaitMs);
}

/** Adds a jitter of a tenth, so that many watchers do not poll at the same time. */
export function withJitter(milliseconds: number): number {
  return Math.round(milliseconds * (0.9 + Math.random() / 5));
}
