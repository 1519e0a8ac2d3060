// Inserts the tables of a run between two markers in docs/internals/benchmark-results.md.
import { readFile, writeFile } from "node:fs/promises";

const begin = "<!-- benchmark-results: made by npm run bench -- --full --write-docs -->";
const end = "<!-- end of benchmark-results -->";

export async function writeDocs(path, text) {
  const document = await readFile(path, "utf8");
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${path} does not contain both markers`);
  await writeFile(path, `${before}${begin}\n\n${text}\n${end}${after}`);
}
