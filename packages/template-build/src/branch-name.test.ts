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
])("%j is one", (name) => {
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
])("%j is none", (name) => {
  expect(isBranchName(name)).toBe(false);
});

test("half a character and 251 of them are none", () => {
  expect(isBranchName("a\ud800")).toBe(false);
  expect(isBranchName("a".repeat(250))).toBe(true);
  expect(isBranchName("a".repeat(251))).toBe(false);
});
