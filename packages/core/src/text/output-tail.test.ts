import { expect, test } from "@jest/globals";
import { createOutputTail } from "./output-tail.js";

function tailOf(lines: readonly string[]): readonly string[] {
  const tail = createOutputTail();
  for (const line of lines) tail.add(line);
  expect(tail.text()).toBe(tail.lines().join("\n"));
  return tail.lines();
}

test("keeps the last forty lines, and the beginning of each", () => {
  const kept = tailOf(Array.from({ length: 100 }, (_, index) => `${String(index)} ${"x".repeat(1000)}`));
  expect(kept).toHaveLength(40);
  expect(kept[0]).toBe(`60 ${"x".repeat(397)}…`);
  expect(kept.at(-1)).toMatch(/^99 x+…$/);
});

test("keeps at most 16 KiB, whatever the width of a character", () => {
  const kept = tailOf(Array.from({ length: 100 }, (_, index) => `${String(index)} ${"漢".repeat(1000)}`));
  expect(Buffer.byteLength(kept.join("\n"))).toBeLessThanOrEqual(16 * 1024);
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.at(-1)).toMatch(/^99 漢+…$/);
});

test("is empty without lines", () => {
  expect(tailOf([])).toEqual([]);
});
