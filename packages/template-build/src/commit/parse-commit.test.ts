import { expect, test } from "@jest/globals";
import { parseCommit } from "./parse-commit.js";

const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const parse = (...lines: readonly string[]): ReturnType<typeof parseCommit> =>
  parseCommit(Buffer.from(lines.join("\n"), "latin1"));

test("reads the directory and the committer's time", () => {
  const header = [`tree ${tree}`, `parent ${tree}`, "author A <a@example.com> 1 +0000"];
  const facts = { tree, committedAt: new Date(1_700_000_000_000) };
  const committer = "committer A > B <a@example.com> 1700000000 -0130";
  expect(parse(...header, committer, "", "message", "committer C <c@example.com> 2 +0000")).toEqual(facts);
  expect(parse(...header, "committer A <> 1700000000", "gpgsig -", " x")).toEqual(facts);
});

test.each([
  ["no directory", [`parent ${tree}`, `tree ${tree}`, "committer A <> 1 +0000"]],
  ["no committer", [`tree ${tree}`, "author A <> 1 +0000", "", "committer A <> 1 +0000"]],
  ["no time", [`tree ${tree}`, "committer A <> +0000"]],
  ["a time that no date has", [`tree ${tree}`, `committer A <> ${"9".repeat(30)} +0000`]],
])("a commit with %s is malformed", (_what, lines) => {
  expect(parse(...lines)).toBeUndefined();
});

test("a hostile commit of many lines takes no longer than its size requires", () => {
  const commit = Buffer.from(`tree ${tree}\n`.repeat(200_000));
  const began = performance.now();
  expect(parseCommit(commit)).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(5_000);
});
