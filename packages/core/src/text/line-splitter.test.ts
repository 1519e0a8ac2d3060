import { expect, test } from "@jest/globals";
import { createLineSplitter } from "./line-splitter.js";

function linesOf(...pieces: readonly (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const piece of pieces) splitter.write(piece);
  splitter.end();
  return lines;
}

test("lines end with a newline, a CRLF or a lone CR, wherever the chunks split", () => {
  const text = "one\r\ntwo\n\nprogress 1\rprogress 2\rdone\r\nlast";
  const expected = ["one", "two", "", "progress 1", "progress 2", "done", "last"];
  for (let at = 0; at <= text.length; at += 1) {
    expect(linesOf(text.slice(0, at), text.slice(at))).toEqual(expected);
  }
});

test.each([
  ["in one piece", 1],
  ["in many", 1000],
])("a line without an end is split into bounded parts, %s", (_how, count) => {
  const total = 100_000;
  const lines = linesOf(...Array.from({ length: count }, () => Buffer.alloc(total / count, "x")));
  expect(lines.join("")).toBe("x".repeat(total));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(4096);
  expect(lines.length).toBeLessThan(30);
});

test("a long line that ends is split into bounded parts, too", () => {
  const lines = linesOf(`${"y".repeat(10_000)}\nnext\n`);
  expect(lines.map(({ length }) => length)).toEqual([4096, 4096, 1808, 4]);
});

test("no split or chunk breaks a character", () => {
  const text = `a${"🎈".repeat(20_000)}`;
  const parts = linesOf(text);
  expect(parts.join("")).toBe(text);
  expect(parts.every((part) => Buffer.from(part).toString() === part)).toBe(true);
  const bytes = Buffer.from(text);
  expect(linesOf(bytes.subarray(0, 8191), bytes.subarray(8191)).join("")).toBe(text);
});
