// Writes the exports of each public package to api/<package>.md, declaration by declaration, so that reviews show
// changes of the public surface. With --check it only compares, and reports which file is out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { format } from "./format.mjs";
import { publicPackages } from "./public-packages.mjs";
import { root } from "./pnpm.mjs";

const ts = createRequire(join(root, "package.json"))("typescript");
const printer = ts.createPrinter({ removeComments: true });

const packages = publicPackages().filter(({ manifest }) => manifest.exports !== undefined);
const entries = packages.map(({ directory, manifest }) => join(directory, manifest.exports["."].types));
const program = ts.createProgram(entries, {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
  noEmit: true,
});
const checker = program.getTypeChecker();

const resolved = (symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
const byName = ([one], [other]) => (one < other ? -1 : 1);

/** The declarations of a symbol in this package; a re-export from another package is listed by name only. */
function declarationsIn(symbol, directory) {
  return (symbol.declarations ?? [])
    .map((declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration))
    .filter((declaration) => declaration.getSourceFile().fileName.startsWith(`${directory}/dist/`));
}

function printed(symbol, directory) {
  return declarationsIn(symbol, directory)
    .map((node) => inOrder(printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())))
    .join("\n");
}

/** Sorts the members of an inferred union, whose order depends on which file the compiler read first. */
function inOrder(text) {
  return text.replace(/"[^"\n]*"(?: \| "[^"\n]*")+/g, (union) => union.split(" | ").sort().join(" | "));
}

/** Types that an exported declaration mentions are part of the surface even if they cannot be imported. */
function mentioned(exported, directory) {
  const seen = new Set(exported);
  const found = new Map();
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const at = checker.getSymbolAtLocation(node);
      const symbol = at === undefined ? undefined : resolved(at);
      const isOwn = symbol?.declarations?.every(isOnTop);
      if (symbol !== undefined && isOwn && !seen.has(symbol)) {
        seen.add(symbol);
        if (declarationsIn(symbol, directory).length > 0) {
          found.set(symbol.name, symbol);
          declarationsIn(symbol, directory).forEach(visit);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const symbol of exported) declarationsIn(symbol, directory).forEach(visit);
  return found;
}

/** The comment of the module itself, not of a declaration in it. */
function isOnTop(node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return statement.parent !== undefined && ts.isSourceFile(statement.parent);
}

function report({ directory, manifest }, entry) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const symbols = checker.getExportsOfModule(module).map((symbol) => [symbol.name, resolved(symbol)]);
  const section = ([name, symbol]) => {
    const text = printed(symbol, directory) || `export ${name}; // of another package`;
    return `### ${name}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
  };
  const hidden = [
    ...mentioned(
      symbols.map(([, symbol]) => symbol),
      directory,
    ),
  ];
  return [
    `# ${manifest.name}\n`,
    "Made by `npm run generate` from the declarations. A change here is a change of the public surface: it needs a decision page and a line in CHANGELOG.md.\n",
    "## Exported\n",
    ...symbols.sort(byName).map(section),
    ...(hidden.length === 0 ? [] : ["## Mentioned by them\n", ...hidden.sort(byName).map(section)]),
  ].join("\n");
}

const folder = join(root, "api");
mkdirSync(folder, { recursive: true });
const expected = new Set();
for (const [index, each] of packages.entries()) {
  const file = join(folder, `${each.manifest.name.replace("@molecule/", "")}.md`);
  expected.add(relative(folder, file));
  // Formatted like the code, so that the printer's line breaks do not matter.
  const text = await format(file, report(each, entries[index]));
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(
      `${relative(root, file)} is out of date with the exports of ${each.manifest.name}: npm run generate`,
    );
    process.exitCode = 1;
  }
}
for (const name of readdirSync(folder).filter((name) => !expected.has(name))) {
  console.error(`api/${name} belongs to no public package: remove it`);
  process.exitCode = 1;
}
