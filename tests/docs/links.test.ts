import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "@jest/globals";
import { documents, proseLines, read, root } from "./documents.js";

/*
 * Every link to a file of the project works in a bare clone, and its anchor exists.
 */

test.each(documents)("every relative link in %s leads to a checked-in file", (path) => {
  const broken = linksOf(read(path)).filter((target) => !leadsSomewhere(target, path));

  expect(broken).toEqual([]);
});

test.each(documents)("every path in backquotes in %s exists", (path) => {
  const spelling = /`((?:packages|plugins|examples|docs|scripts|tests|bench|api)\/[\w./-]+)`/g;
  const named = [...proseLines(read(path)).join("\n").matchAll(spelling)].map(([, name = ""]) => name);

  expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

function linksOf(text: string): readonly string[] {
  const prose = proseLines(text)
    .join("\n")
    .replaceAll(/`[^`\n]*`/g, "");
  const spellings = [
    /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g,
    /^\[[^\]]+\]: +<?([^\s>]+)>?/gm,
    /\b(?:src|href)="([^"]+)"/g,
  ];
  return spellings
    .flatMap((spelling) => [...prose.matchAll(spelling)])
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/.test(target));
}

function leadsSomewhere(target: string, from: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), decodeURIComponent(file)));
  const isOurs = !/^\.\.|(?:^|\/)(?:node_modules|dist|bundle|artifacts|\.tools)(?:\/|$)/.test(path);
  if (!isOurs || !existsSync(join(root, path))) return false;
  if (anchor === undefined) return true;
  return statSync(join(root, path)).isFile() && anchorsOf(read(path)).includes(anchor);
}

/** Heading anchors as forges create them: lower case, dashes for blanks, no punctuation; a number after duplicates. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return proseLines(text).flatMap((line) => {
    const [, heading] = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line) ?? [];
    if (heading === undefined) return [];
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return [before === 0 ? anchor : `${anchor}-${String(before)}`];
  });
}
