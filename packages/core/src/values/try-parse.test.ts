import { expect, test } from "@jest/globals";
import { parseRuntimeName } from "./runtime-name.js";
import { tryParse } from "./try-parse.js";

test("returns the parsed value, or undefined if the parser rejects the text", () => {
  expect([tryParse(parseRuntimeName, "hermes"), tryParse(parseRuntimeName, "../x")]).toEqual([
    "hermes",
    undefined,
  ]);
});

test("throws errors that are not the parser's verdict", () => {
  const broken = (): never => {
    throw new TypeError("a bug");
  };
  expect(() => tryParse(broken, "x")).toThrow(TypeError);
});
