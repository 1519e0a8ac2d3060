let [shownAt, shown] = [NaN, ""];

/** The time in ISO 8601. Many lines in a row are of one millisecond. */
export function isoTime(milliseconds: number): string {
  if (milliseconds !== shownAt) [shownAt, shown] = [milliseconds, new Date(milliseconds).toISOString()];
  return shown;
}
