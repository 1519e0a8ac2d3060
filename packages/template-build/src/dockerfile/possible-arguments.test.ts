import { expect, test } from "@jest/globals";
import { possibleArguments } from "./possible-arguments.js";

test("names each configured argument once, in order, whether or not the template sets it", () => {
  const buildArgs = { RUNTIME_VERSION: "1", B: "2" };
  const buildArgsFrom = { RUNTIME_VERSION: ".runtime-version", A: "a" };
  expect(possibleArguments({ buildArgs, buildArgsFrom })).toEqual(["A", "B", "RUNTIME_VERSION"]);
});
