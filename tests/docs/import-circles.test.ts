import { existsSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "@jest/globals";
import { read, root } from "./documents.js";

const sources = ["packages", "plugins"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name, "src")))
  // A package that was removed may leave its ignored files behind.
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, String(path))),
  )
  .filter((file) => file.endsWith(".ts") && !file.includes(".test."));

const importsOf = new Map(
  sources.map((file) => {
    const specifiers = [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)];
    return [file, specifiers.map(([, path = ""]) => normalize(join(dirname(file), `${path}.ts`)))] as const;
  }),
);

const foldersOf = new Map<string, readonly string[]>();
for (const [file, imported] of importsOf) {
  const folder = dirname(file);
  const others = imported.map((path) => dirname(path)).filter((other) => other !== folder);
  foldersOf.set(folder, [...(foldersOf.get(folder) ?? []), ...others]);
}

/** Returns the first import path from a file, or a folder, back to itself, or undefined if there is none. */
function circleOf(
  graph: ReadonlyMap<string, readonly string[]>,
  start: string,
): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (file: string, path: readonly string[]): readonly string[] | undefined => {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = search(next, [...path, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}

test("no file imports itself through others", () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(sources.map((file) => circleOf(importsOf, file)).filter((circle) => circle !== undefined)).toEqual(
    [],
  );
});

test("no folder imports itself through others", () => {
  const folders = [...foldersOf.keys()];
  expect(folders.length).toBeGreaterThan(50);
  expect(
    folders.map((folder) => circleOf(foldersOf, folder)).filter((circle) => circle !== undefined),
  ).toEqual([]);
});
