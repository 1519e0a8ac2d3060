let [shownAt, shown] = [NaN, ""];

/** Returns the time in ISO 8601. The last result is cached, because many lines share a millisecond. */
export function isoTime(milliseconds: number): string {
  if (milliseconds !== shownAt) [shownAt, shown] = [milliseconds, new Date(milliseconds).toISOString()];
  return shown;
}
