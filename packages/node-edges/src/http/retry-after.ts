import type { FetchAnswer } from "@molecule/core";

/**
 * Returns the delay of `Retry-After` in milliseconds; undefined if the header is missing or invalid.
 * A date is compared with the response's own date, because the clock of this machine may be wrong.
 */
export function retryAfterMs(headers: FetchAnswer["headers"]): number | undefined {
  const written = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1000;
  const waitMs = httpDate(written) - httpDate(headers.get("date")?.trim() ?? "");
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** Returns `NaN` for anything but the form `Sun, 06 Nov 1994 08:49:37 GMT`; the older date formats are obsolete. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : NaN;
}
