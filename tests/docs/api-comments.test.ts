import { join } from "node:path";
import { expect, test } from "@jest/globals";
import ts from "typescript";
import { documents, read, root } from "./documents.js";

/*
 * Every export of a public package has its own comment, so that a user who imports a name can look it up.
 */

const entries = documents
  .filter((path) => path.startsWith("api/"))
  .map((path) => /^# (\S+)$/m.exec(read(path))?.[1] ?? "")
  .map((name) => join(root, folderOf(name), "dist", "index.d.ts"));

function folderOf(name: string): string {
  const [, kind = "", rest = ""] = /^@molecule\/(source-)?(.+)$/.exec(name) ?? [];
  return kind === "" ? join("packages", rest) : join("plugins", rest);
}

test("every name that a public package exports has a comment", () => {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
  };
  const program = ts.createProgram(entries, { ...options, target: ts.ScriptTarget.ES2022, types: ["node"] });
  const checker = program.getTypeChecker();
  const exported = entries.flatMap((entry) => {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    return module === undefined
      ? []
      : checker.getExportsOfModule(module).map((symbol) => ({ entry, symbol }));
  });
  const silent = exported.filter(({ symbol }) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return meant.getDocumentationComment(checker).length === 0;
  });

  expect(exported.length).toBeGreaterThan(200);
  expect(silent.map(({ entry, symbol }) => `${entry.slice(root.length + 1)}: ${symbol.name}`)).toEqual([]);
});
