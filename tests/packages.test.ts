import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { strangerProject, type StrangerProject } from "./stranger-project.js";

/*
 * The packed packages as files: their manifests and types. tests/consumers.test.ts installs and uses them.
 */

const here = dirname(fileURLToPath(import.meta.url));
const publint = join(here, "..", "node_modules", ".bin", "publint");

interface PackedManifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** Milliseconds. The tests start many programs, and the machine may be busy. */
const patience = 240_000;

let project: StrangerProject;
let packages: { readonly file: string; readonly manifest: PackedManifest }[];
beforeAll(async () => {
  project = await strangerProject();
  const folder = join(project.path, "..", "packed");
  packages = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const file = join(folder, name);
      const manifest = await project.run("tar", ["-xOzf", file, "package/package.json"]);
      return { file, manifest: JSON.parse(manifest) as PackedManifest };
    }),
  );
}, patience);
afterAll(() => project.remove());

test(
  "publint finds nothing in any package",
  async () => {
    for (const { file } of packages) await project.run(publint, ["--strict", file]);
  },
  patience,
);

test(
  "the types of every library resolve for ES modules, CommonJS and bundlers",
  async () => {
    // The command and the generator export nothing to import.
    const libraries = packages.filter(({ manifest }) => manifest.exports !== undefined);
    expect(libraries.length).toBeGreaterThan(10);
    const script = join(here, "support", "find-wrong-types.mjs");
    const output = await project.run(process.execPath, [script, ...libraries.map(({ file }) => file)]);
    const problems = JSON.parse(output) as readonly { readonly kind: string }[];
    // A false report for a bundle that loads a part lazily: it takes the exports of that part for the bundle's own.
    // tests/consumers.test.ts uses the default exports.
    expect(problems.filter(({ kind }) => kind !== "FalseExportDefault")).toEqual([]);
  },
  patience,
);

test("the license of each bundled package is included", async () => {
  const edges = packages.find(({ manifest }) => manifest.name === "@molecule/node-edges");
  expect(edges?.manifest.dependencies).not.toHaveProperty("node-fetch");
  const text = await project.run("tar", ["-xOzf", edges?.file ?? "", "package/lib/index.licenses.txt"]);
  expect(text).toMatch(/^node-fetch \d+\.\d+\.\d+ \(MIT\)\n\nThe MIT License/m);
  expect(text.match(/^\S+ \d+\.\d+\.\d+ \([\w-]+\)$/gm)).toHaveLength(
    text.split("Permission is hereby granted").length - 1,
  );
});
