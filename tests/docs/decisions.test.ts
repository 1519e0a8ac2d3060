import { expect, test } from "@jest/globals";
import { documents, read } from "./documents.js";

/*
 * docs/adr/README.md lists every decision, with the title and the status of its page.
 */

const folder = "docs/adr/";
const pages = documents.filter((path) => /^docs\/adr\/\d{4}-[\w-]+\.md$/.test(path));
const index = read(`${folder}README.md`);

test.each(pages)("%s has a title, a status, and a row in the index", (path) => {
  const [, number, title] = /^# (\d{4}): (.+)\n/.exec(read(path)) ?? [];
  const [, status] = /^# .+\n\nStatus: ((?:accepted|superseded by \[).*)\n\n/.exec(read(path)) ?? [];
  const file = path.slice(folder.length);

  expect(status).toBeDefined();
  expect(number).toBe(file.slice(0, 4));
  expect(index).toContain(`\n| [${String(number)}](${file}) | ${String(title)} | ${String(status)} | `);
});

test("the index lists only decisions", () => {
  const rows = [...index.matchAll(/^\| \[\d{4}\]\(([^)]+)\)/gm)].map(([, file = ""]) => folder + file);

  expect(rows).toEqual([...pages].sort());
});
