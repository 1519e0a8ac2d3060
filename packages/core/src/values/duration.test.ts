import { expect, test } from "@jest/globals";
import { parseDuration } from "./duration.js";

test.each([
  ["1ms", 1],
  ["500ms", 500],
  ["30s", 30_000],
  ["4m", 240_000],
  ["30m", 1_800_000],
  ["6h", 21_600_000],
  ["1d", 86_400_000],
  ["24d", 2_073_600_000],
  ["596h", 2_145_600_000],
])("%s is %d milliseconds", (written, milliseconds) => {
  expect(parseDuration(written)).toBe(milliseconds);
});

test.each([
  "",
  "0s",
  "00s",
  "01s",
  "-1s",
  "+1s",
  "1.5h",
  "1,5h",
  "1e3s",
  "5",
  "s",
  "5 m",
  " 5m",
  "5m ",
  "5m\n",
  "5M",
  "5min",
  "1h30m",
  "1w",
  "Infinity",
  "25d",
  "597h",
  "999999999d",
  "9999999999ms",
])("rejects %j with CONFIG_INVALID", (written) => {
  expect(() => parseDuration(written)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});
