import { expect, test } from "@jest/globals";
import { isBranchName } from "./branch-name.js";

test.each([
  "main",
  "feature/1",
  "a/b/c",
  "-dash",
  "release-1.x",
  "ünïcode",
  "😀",
  "a@b",
  "100%",
  "a#b",
  "a.lock.b",
])("%j is a valid branch name", (name) => {
  expect(isBranchName(name)).toBe(true);
});

test.each([
  "",
  "/",
  "/a",
  "a/",
  "a//b",
  "..",
  "a/../b",
  "a..b",
  ".",
  ".a",
  "a/./b",
  "a/.b",
  "a b",
  "a\n",
  "a\0",
  "a\\b",
  "a?b",
])("%j is not a valid branch name", (name) => {
  expect(isBranchName(name)).toBe(false);
});

test("half a surrogate pair, and 251 characters, are not valid", () => {
  expect(isBranchName("a\ud800")).toBe(false);
  expect(isBranchName("a".repeat(250))).toBe(true);
  expect(isBranchName("a".repeat(251))).toBe(false);
});
