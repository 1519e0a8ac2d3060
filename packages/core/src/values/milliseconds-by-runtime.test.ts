import { expect, test } from "@jest/globals";
import { millisecondsFor } from "./milliseconds-by-runtime.js";
import { parseRuntimeName } from "./runtime-name.js";

test("a runtime has its own time, else the default", () => {
  const times = { default: 1, hermes: 2 };
  expect(millisecondsFor(times, parseRuntimeName("hermes"))).toBe(2);
  expect(millisecondsFor(times, parseRuntimeName("codex"))).toBe(1);
  expect(millisecondsFor(times, parseRuntimeName("constructor"))).toBe(1);
  expect(millisecondsFor(times)).toBe(1);
  expect(millisecondsFor(3, parseRuntimeName("hermes"))).toBe(3);
});
