import { expect, test } from "@jest/globals";
import { closestMatch } from "./closest-match.js";
import { shippedRuntimes } from "../values/runtime-name.js";

test.each([
  ["hermess", "hermes"],
  ["hemres", "hermes"],
  ["HERMES", "hermes"],
  ["claude", "claude-code"],
  ["gemini", "gemini-cli"],
  ["lang-graph", "langgraph"],
  // Two names start with it, and neither is close enough.
  ["c", undefined],
  ["zzzzzz", undefined],
  ["", undefined],
  ["../../etc", undefined],
])("the closest match of %j is %j", (word, meant) => {
  expect(closestMatch(word, shippedRuntimes)).toBe(meant);
});
