import { expect, test } from "@jest/globals";
import { expandWord } from "./expand-word.js";

const values: Readonly<Record<string, string | null>> = { A: "a", E: "", N: null, A1_b: "long" };
const variables = (name: string): string | undefined | null =>
  Object.hasOwn(values, name) ? values[name] : undefined;

// From the tests of github.com/moby/buildkit/frontend/dockerfile/shell, for the forms that all its versions support.
test.each([
  ["", ""],
  ["alpine:3", "alpine:3"],
  ["$A", "a"],
  ["${A}", "a"],
  ["x$A/y${A}z", "xa/yaz"],
  ["$A1_b-$A.", "long-a."],
  ["$E", ""],
  ["${E}x", "x"],
  ["${U:-y}", "y"],
  ["${E:-y}", "y"],
  ["${A:-y}", "a"],
  ["${U:+y}", ""],
  ["${E:+y}", ""],
  ["${A:+y}", "y"],
  ["${U:-$A}", "a"],
  ["${U:-${E:-${A}}}", "a"],
  ["${A:+${U:-deep}}x", "deepx"],
  ["${U:-}", ""],
  ['${U:-"}"}', "}"],
  ["${U:-\\}}", "}"],
  ['"$A"', "a"],
  ["'$A'", "$A"],
  ['"it\'s"', "it's"],
  ["'say \"A\"'", 'say "A"'],
  ['"\\$A\\"\\x"', '$A"\\x'],
  ["\\$A", "$A"],
  ["al\\pine", "alpine"],
  ["pre'fi'\"x\"", "prefix"],
])("expands %s to %j", (word, expected) => {
  expect(expandWord(word, variables, "\\")).toBe(expected);
});

test.each([
  "$U",
  "${U}",
  "$N",
  "${N}",
  "${N:-y}",
  "${N:+y}",
  "${U:-$N}",
  "x$",
  "$1",
  "${1}",
  "${}",
  "${A",
  "${A:",
  "${U:-y",
  "${U-y}",
  "${U+y}",
  "${U:?y}",
  "${A#a}",
  "${A%%a}",
  "${A/a/b}",
  "'a",
  '"a',
  '"$U"',
  "a\\",
])("does not expand %s", (word) => {
  expect(expandWord(word, variables, "\\")).toBeUndefined();
});

test("uses the escape character of the file", () => {
  expect(expandWord("a`$A\\$A", variables, "`")).toBe("a$A\\a");
});
