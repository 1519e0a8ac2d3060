// Inserts the tables of a run between two markers in docs/internals/performance.md.
import { readFile, writeFile } from "node:fs/promises";

const begin = "<!-- What stands from here on is written by: npm run bench -- --full --write-docs -->";
const end = "<!-- Up to here. -->";

export async function writeDocs(path, text) {
  const document = await readFile(path, "utf8");
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${path} lacks its two marks`);
  await writeFile(path, `${before}${begin}\n\n${text}\n${end}${after}`);
}
