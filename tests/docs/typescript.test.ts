import { basename, join } from "node:path";
import { expect, test } from "@jest/globals";
import { compileModules } from "./compile-modules.js";
import { root } from "./documents.js";
import { placeOf, snippets, type Snippet } from "./snippets.js";

/*
 * Code in the documents compiles in a strict project: each block as its own module, against what the packages
 * export.
 */

// api/ is generated from the declarations that these blocks are compiled against.
const blocks = snippets("ts", "typescript").filter(({ file }) => !file.startsWith("api/"));

test("there are blocks to compile", () => {
  expect(blocks.map(({ file }) => file)).toContain("README.md");
});

test("every ts block of the documents compiles", () => {
  const modules = new Map(
    blocks.map((block, index) => {
      const name = join(root, moduleName(block, "ts"));
      // The reader's own module is the previous block.
      const before = blocks[index - 1];
      const own = before === undefined ? "" : `"./${basename(moduleName(before, "js"))}"`;
      const code = block.code.replace('"./index.js"', own);
      // The assumptions are put on one line, so that error locations match the document.
      const above = "\n".repeat(block.line - 2);
      return [name, `export {}; ${block.given.replaceAll("\n", " ")}${above}\n${code}`] as const;
    }),
  );
  expect(compileModules(modules)).toEqual([]);
});

function moduleName({ file, line }: Snippet, extension: "ts" | "js"): string {
  return `${file}.${String(line)}.${extension}`;
}

test.each(blocks.map((block) => [placeOf(block), block] as const))(
  "%s states its assumptions in TypeScript",
  (_place, block) => {
    expect(block.given).not.toMatch(/@ts-|\bany\b/);
  },
);
