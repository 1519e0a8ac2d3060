// Inserts the tables of a run into docs/performance.md, under a heading that names the engine. Tables of runs with other
// engines stay.
import { readFile, writeFile } from "node:fs/promises";

const begin = "<!-- results: made by npm run bench -- --write-docs -->";
const end = "<!-- end of results -->";

/** @param texts the environment, then the measurements */
export async function writeDocs(path, engine, texts) {
  const document = await readFile(path, "utf8");
  const [before, rest] = document.split(begin);
  const [results, after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`${path} does not contain both markers`);
  const sections = results.split(/^(?=## )/m).filter((section) => section.startsWith("## "));
  const own = `## Results with ${engine}`;
  const others = sections.filter((section) => section.split("\n")[0] !== own);
  const all = [
    ...others.map((section) => section.trimEnd()),
    `${own}\n\n${texts.join("\n").trimEnd()}`,
  ].sort();
  await writeFile(path, `${before}${begin}\n\n${all.join("\n\n")}\n\n${end}${after}`);
}
