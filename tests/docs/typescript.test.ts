import { basename, join } from "node:path";
import { expect, test } from "@jest/globals";
import ts from "typescript";
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
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (name) => modules.has(name) || disk.fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = modules.get(name);
    return text === undefined
      ? disk.getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...modules.keys()], options, host);

  expect(ts.getPreEmitDiagnostics(program).map(described)).toEqual([]);
});

function moduleName({ file, line }: Snippet, extension: "ts" | "js"): string {
  return `${file}.${String(line)}.${extension}`;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return {
    ...options,
    paths: { vitest: [join(root, "tests", "docs", "vitest.d.ts")] },
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
  };
}

function described({ file, start = 0, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName.slice(root.length + 1).replace(/\.\d+\.ts$/, "")}:${String(line + 1)}: ${text}`;
}

test.each(blocks.map((block) => [placeOf(block), block] as const))(
  "%s states its assumptions in TypeScript",
  (_place, block) => {
    expect(block.given).not.toMatch(/@ts-|\bany\b/);
  },
);
