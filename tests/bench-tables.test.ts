import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

interface Run {
  readonly engine: string;
  readonly environment: string;
  readonly tables: readonly string[];
}
interface WriteDocs {
  readonly writeDocs: (path: string, run: Run) => Promise<void>;
}
const { writeDocs } = (await import(new URL("../bench/write-docs.mjs", import.meta.url).href)) as WriteDocs;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bench-"));
  path = join(directory, "performance.md");
  await writeFile(
    path,
    "# Performance\n\n<!-- results: made by npm run bench -- --write-docs -->\n\n<!-- end of results -->\n\nLast words.\n",
  );
});
afterEach(() => rm(directory, { recursive: true }));

const environment = (date: string, node = "20", load = "0.10"): string =>
  `| date | ${date} |\n| system | Debian; load before: ${load} |\n| node   | ${node}${" ".repeat(load.length)} |\n`;
const table = (title: string, value: string): string => `### ${title}\n\n| ${value} |\n`;
const write = (date: string, tables: readonly string[], engine = "Docker Engine 28"): Promise<void> =>
  writeDocs(path, { engine, environment: environment(date), tables });

/** Returns the values of the tables by section and title. */
async function written(): Promise<Record<string, Record<string, string>>> {
  const text = await readFile(path, "utf8");
  expect(text).toMatch(/^# Performance\n/);
  expect(text).toMatch(/\n\nLast words\.\n$/);
  const sections = text.split(/^## Results with /m).slice(1);
  const valuesOf = (section: string): Record<string, string> => {
    const rows = section.matchAll(/^(?:### (.*)\n\n)?\| (?:(date) \| )?(\S+) \|$/gm);
    return Object.fromEntries([...rows].map(([, title, date, value]) => [title ?? date ?? "", value ?? ""]));
  };
  return Object.fromEntries(sections.map((section) => [section.split("\n", 1).join(), valuesOf(section)]));
}

test("a run of some measurements replaces their tables, and keeps the others with their date", async () => {
  await write("2026-11-25", [table("Hit", "old"), table("Cold", "old"), table("Pull", "old")]);
  await write("2026-11-25", [table("Hit", "other")], "Docker Engine 20");
  await write("2026-11-30", [table("Hit", "new")]);
  const kept = { date: "2026-11-25", Cold: "old", Pull: "old" };
  expect(await written()).toEqual({
    "Docker Engine 20": { date: "2026-11-25", Hit: "other" },
    "Docker Engine 28": { date: "2026-11-30", Hit: "new" },
    "Docker Engine 28, 25 November 2026": kept,
  });
  await write("2026-12-01", [table("Hit", "newer"), table("Cold", "newer"), table("Pull", "newer")]);
  expect(await written()).toMatchObject({
    "Docker Engine 28": { date: "2026-12-01", Hit: "newer", Cold: "newer", Pull: "newer" },
  });
  expect(Object.keys(await written())).toHaveLength(2);
});

test("runs of one day share a section", async () => {
  await write("2026-11-30", [table("Hit", "first"), table("Cold", "first")]);
  await write("2026-11-30", [table("Hit", "second")]);
  expect(await written()).toEqual({
    "Docker Engine 28": { date: "2026-11-30", Hit: "second", Cold: "first" },
  });
});

test("runs of one day share a section whatever the load was, but not with other versions", async () => {
  const run = (title: string, value: string, node: string, load: string): Promise<void> =>
    writeDocs(path, {
      engine: "Docker Engine 28",
      environment: environment("2026-11-30", node, load),
      tables: [table(title, value)],
    });
  const [newest, older, oldest] = ["", ", 30 November 2026", ", 30 November 2026 (2)"].map(
    (suffix) => `Docker Engine 28${suffix}`,
  ) as [string, string, string];
  await run("Hit", "on-20", "20", "0.10 0.20");
  await run("Cold", "on-20", "20", "11.25 9.10");
  await run("Pull", "on-22", "22", "0.10 0.20");
  const on20 = { date: "2026-11-30", Hit: "on-20", Cold: "on-20" };
  const on22 = { date: "2026-11-30", Pull: "on-22" };
  expect(await written()).toEqual({ [newest]: on22, [older]: on20 });
  expect(await readFile(path, "utf8")).toMatch(
    /\| node +\| 22 +\|\n\n### Pull[^]*11\.25[^]*\| node +\| 20 +\|\n\n### Cold/,
  );

  const on24 = { date: "2026-11-30", Load: "on-24" };
  await run("Load", "on-24", "24", "0.10 0.20");
  expect(await written()).toEqual({ [newest]: on24, [older]: on22, [oldest]: on20 });
  await run("Pull", "on-20", "20", "3.00 3.00");
  expect(await written()).toEqual({ [newest]: { ...on20, Pull: "on-20" }, [older]: on24 });
});

test("a run in which every measurement failed changes nothing", async () => {
  await write("2026-11-25", [table("Hit", "old")]);
  const before = await readFile(path, "utf8");
  await write("2026-11-30", []);
  expect(await readFile(path, "utf8")).toBe(before);
});

test("another run leaves the published tables as they are", async () => {
  const published = await readFile(new URL("../docs/performance.md", import.meta.url), "utf8");
  await writeFile(path, published);
  await write("2026-11-30", [table("Hit", "new")], "Docker Engine 99");
  const text = await readFile(path, "utf8");
  expect(text.replace(/\n\n## Results with Docker Engine 99\n[^]*?(?=\n\n<!-- end)/, "")).toBe(published);
});
