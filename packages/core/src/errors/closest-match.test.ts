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
  // Two begin with it, and none is that close.
  ["c", undefined],
  ["zzzzzz", undefined],
  ["", undefined],
  ["../../etc", undefined],
])("%j likely meant %j", (word, meant) => {
  expect(closestMatch(word, shippedRuntimes)).toBe(meant);
});
