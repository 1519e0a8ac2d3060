import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const threats = read("docs/internals/threats.md");

function testFiles(): Set<string> {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory())
        return /^(?:node_modules|dist|bundle)$/.test(entry.name) ? [] : below(join(folder, entry.name));
      return [basename(entry.name)];
    });
  return new Set(["packages", "plugins", "tests"].flatMap(below));
}

test.each([
  ["docs/internals/threats.md", 20],
  ["docs/operating/security.md", 10],
])("%s names only tests that exist", (path, atLeast) => {
  const named = [...read(path).matchAll(/`([\w.-]+\.test\.ts)`/g)].map(([, name = ""]) => name);
  const existing = testFiles();

  expect(named.length).toBeGreaterThan(atLeast);
  expect(named.filter((name) => !existing.has(name))).toEqual([]);
});

test("docs/internals/threats.md has one row per numbered attack, without a gap", () => {
  const rows = [...threats.matchAll(/^\| ([A-E])(\d+) \|/gm)].map(([, area = "", number]) => [
    area,
    Number(number),
  ]);
  const counts: Readonly<Record<string, number>> = { A: 18, B: 7, C: 19, D: 9, E: 3 };

  expect(rows).toEqual(
    Object.entries(counts).flatMap(([area, count]) =>
      Array.from({ length: count }, (_, index) => [area, index + 1]),
    ),
  );
});
