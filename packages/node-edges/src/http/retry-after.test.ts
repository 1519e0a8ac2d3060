import { expect, test } from "@jest/globals";
import { retryAfterMs } from "./retry-after.js";

const date = "Tue, 24 Nov 2026 10:00:00 GMT";

test.each<[string, Record<string, string>, number | undefined]>([
  ["nothing", {}, undefined],
  ["seconds", { "retry-after": "7" }, 7_000],
  ["no seconds", { "retry-after": "0" }, 0],
  ["a day", { "retry-after": "86400" }, 86_400_000],
  ["a date", { "retry-after": "Tue, 24 Nov 2026 10:00:30 GMT", date }, 30_000],
  [
    "a date of a server whose clock is wrong",
    { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", date: "Sun, 06 Nov 1994 08:49:35 GMT" },
    2_000,
  ],
  ["a date that has passed", { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", date }, 0],
  ["a date, and not what time it is", { "retry-after": date }, undefined],
  ["less than nothing", { "retry-after": "-1" }, undefined],
  ["a fraction", { "retry-after": "1.5" }, undefined],
  ["more than there is", { "retry-after": "9".repeat(400) }, undefined],
  ["words", { "retry-after": "soon", date }, undefined],
])("a response that asks to wait for %s", (_what, headers, expected) => {
  expect(retryAfterMs(new Headers(headers))).toBe(expected);
});
