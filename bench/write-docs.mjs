// Inserts the tables of a run into docs/performance.md, under a heading that names the engine. Tables of other measurements
// stay, with the date and the environment of their own run.
import { readFile, writeFile } from "node:fs/promises";

const begin = "<!-- results: made by npm run bench -- --write-docs -->";
const end = "<!-- end of results -->";

/**
 * Writes nothing if the run has no tables.
 * @param run `{ engine, environment, tables }`, all as text; each table begins with its heading
 */
export async function writeDocs(path, run) {
  if (run.tables.length === 0) return;
  const document = await readFile(path, "utf8");
  const [before, rest] = document.split(begin);
  const [results, after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`${path} does not contain both markers`);
  await writeFile(path, `${before}${begin}\n\n${mergeRun(results, run)}\n\n${end}${after}`);
}

/** Returns the sections of all engines with the tables of a run in place of older tables with the same headings. */
export function mergeRun(results, { engine, environment, tables }) {
  const own = `## Results with ${engine}`;
  const measured = new Set(tables.map(headingOf));
  const sections = splitAt("## ", results).map(sectionOf);
  const isOwn = ({ heading }) => heading === own || heading.startsWith(`${own}, `);
  const kept = sections
    .filter(isOwn)
    .map((section) => ({
      ...section,
      tables: section.tables.filter((table) => !measured.has(headingOf(table))),
    }))
    .filter((section) => section.tables.length > 0);
  const newest = { heading: own, environment, tables: [...tables] };
  const merged = [newest];
  for (const section of kept) {
    const same = merged.find((one) => isSameEnvironment(one, section));
    if (same === undefined) merged.push({ ...section, heading: datedHeading(own, section, merged) });
    else same.tables.push(...section.tables);
  }
  return [...sections.filter((section) => !isOwn(section)), ...merged]
    .map((section) => [section.heading, section.environment, ...section.tables].map((text) => text.trim()))
    .map((texts) => texts.join("\n\n"))
    .sort()
    .join("\n\n");
}

function sectionOf(text) {
  const [heading] = text.split("\n", 1);
  const [environment, ...tables] = text.slice(heading.length).split(/^(?=### )/m);
  return { heading, environment, tables };
}

function splitAt(mark, text) {
  return text.split(new RegExp(`^(?=${mark})`, "m")).filter((part) => part.startsWith(mark));
}

function headingOf(table) {
  return table.trimStart().split("\n", 1)[0];
}

/** Returns whether only the load before the runs differs, and with it the width of the table. */
function isSameEnvironment(one, other) {
  const [first, second] = [one, other].map(({ environment }) =>
    environment
      .replace(/load before: [\d. ]*/, "")
      .replace(/ +|-{3,}/g, " ")
      .trim(),
  );
  return first === second;
}

/** Returns a heading with the section's date, numbered if another section of that date has it. */
function datedHeading(own, section, others) {
  const dated = `${own}, ${longDate(dateOf(section))}`;
  const count = others.filter(({ heading }) => heading.startsWith(dated)).length;
  return count === 0 ? dated : `${dated} (${count + 1})`;
}

/** Returns the date of a section's environment, such as `2026-11-25`. */
function dateOf({ environment }) {
  return /^\| date +\| (\S+)/m.exec(environment)?.[1] ?? "no date";
}

function longDate(date) {
  const time = Date.parse(date);
  return Number.isNaN(time)
    ? date
    : new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(time);
}
