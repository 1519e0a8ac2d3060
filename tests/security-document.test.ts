import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const text = readFileSync(join(root, "docs/operating/security.md"), "utf8");

function testFiles(): Set<string> {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory())
        return /^(?:node_modules|dist|bundle)$/.test(entry.name) ? [] : below(join(folder, entry.name));
      return [basename(entry.name)];
    });
  return new Set(["packages", "plugins", "tests"].flatMap(below));
}

test("docs/operating/security.md names only tests that exist", () => {
  const named = [...text.matchAll(/`([\w.-]+\.test\.ts)`/g)].map(([, name = ""]) => name);
  const there = testFiles();

  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !there.has(name))).toEqual([]);
});

test("docs/operating/security.md has one row for every attack it numbers, without a gap", () => {
  const rows = [...text.matchAll(/^\| ([A-E])(\d+) \|/gm)].map(([, area = "", number]) => [
    area,
    Number(number),
  ]);
  const counts: Readonly<Record<string, number>> = { A: 16, B: 7, C: 17, D: 9, E: 3 };

  expect(rows).toEqual(
    Object.entries(counts).flatMap(([area, count]) =>
      Array.from({ length: count }, (_, index) => [area, index + 1]),
    ),
  );
});
