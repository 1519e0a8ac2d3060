// Counts the lines of the files that a row of docs/adr/0070-own-code-for-general-problems.md links to.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const linesColumn = 2;
const isTest = (name) => /\.test\.(?:support\.)?ts$/.test(name);

/** Returns the files that a link leads to: the file itself, or all in that folder that are not tests. */
function filesAt(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".ts") && !isTest(name))
    .map((name) => join(path, name));
}

function countLines(row, folder) {
  const files = [...row.matchAll(/\]\(([^)]+\/[^)]+)\)/g)].flatMap(([, path]) => filesAt(join(folder, path)));
  const lines = files.map((file) => readFileSync(file, "utf8").split("\n").length - 1);
  return lines.reduce((sum, count) => sum + count, 0);
}

/**
 * Returns the table with its column of lines filled in, and their sum in the last row. Links to other decisions have
 * no slash and count nothing.
 * @param table Markdown, as it is in the page
 * @param folder the folder of the page
 */
export function withLineCounts(table, folder) {
  const [head, rule, ...rows] = table.trim().split("\n");
  let total = 0;
  const counted = rows.slice(0, -1).map((row) => {
    const lines = countLines(row, folder);
    if (lines === 0) throw new Error(`links to no code: ${row}`);
    total += lines;
    return withLines(row, lines);
  });
  return [head, rule, ...counted, withLines(rows.at(-1) ?? "", total)].join("\n");
}

/** Returns the row with this number of lines in it. */
function withLines(row, lines) {
  const cells = row.split(" | ");
  return cells.map((cell, index) => (index === linesColumn ? String(lines) : cell)).join(" | ");
}
