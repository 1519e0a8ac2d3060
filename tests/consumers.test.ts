import { copyFile, cp, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newerNode } from "./newer-node.js";
import { strangerProject, type Manifest, type StrangerProject } from "./stranger-project.js";

/*
 * The packages as applications use them: packed, installed once with npm in a project outside this workspace, and used
 * by each application of tests/consumers.
 */

const applications = join(dirname(fileURLToPath(import.meta.url)), "consumers");
const consumed = "consumed\n";

/** Time limit in milliseconds. Compiling takes 15 seconds on an idle machine, and eight times that on a busy one. */
const patience = 480_000;

let project: StrangerProject;
beforeAll(async () => {
  project = await strangerProject();
  await cp(applications, project.path, { recursive: true });
  const others = JSON.parse(await readFile(join(applications, "package.json"), "utf8")) as Manifest;
  await project.install({
    type: "commonjs",
    dependencies: { ...others.dependencies, ...project.packed },
    devDependencies: others.devDependencies ?? {},
  });
  await project.write("config.yaml", "sources: { local: mine }\n");
}, patience);
afterAll(() => project.remove());

const node = (...args: readonly string[]): Promise<string> => project.run(process.execPath, args);
const bin = (name: string): string => join("node_modules", name);

describe("JavaScript", () => {
  test.each(["module.mjs", "commonjs.cjs"])("%s runs", async (file) => {
    expect(await node(join("plain", file))).toBe(consumed);
  });

  test("an import and a require yield the same objects, and an error made by one is recognised by the other", async () => {
    const { entries, differences } = JSON.parse(await node(join("plain", "both.mjs"))) as {
      readonly entries: number;
      readonly differences: readonly string[];
    };
    expect(differences).toEqual([]);
    expect(entries).toBeGreaterThan(10);
  });

  test("runs where a require of ES modules is impossible", async () => {
    expect(await node("--no-experimental-require-module", join("plain", "commonjs.cjs"))).toBe(consumed);
  });

  test(
    "runs on a newer Node, as does the command",
    async () => {
      const newer = await newerNode();
      expect(await project.run(newer, [join("plain", "module.mjs")])).toBe(consumed);
      expect(await project.run(newer, [join("plain", "commonjs.cjs")])).toBe(consumed);
      const command = join("node_modules", "@molecule", "cli", "bin", "molecule-image");
      const { sources } = JSON.parse(await project.run(newer, [command, "sources", "--json"])) as {
        readonly sources: readonly { readonly name: string; readonly selected: boolean }[];
      };
      expect(sources.find(({ selected }) => selected)).toMatchObject({ name: "gitea-local-build" });
    },
    patience,
  );
});

/** For each compiler release, the compiler options to test, and the package types to compile with them. */
const commonjs = ["commonjs"] as const;
const compilations = {
  typescript: [
    { name: "module commonjs", types: commonjs, options: { module: "commonjs" } },
    { name: "module node16", types: ["commonjs", "module"], options: { module: "node16" } },
    { name: "module nodenext", types: ["commonjs", "module"], options: { module: "nodenext" } },
  ],
  "typescript-6": [
    {
      name: "module commonjs and bundler resolution",
      types: commonjs,
      options: { module: "commonjs", moduleResolution: "bundler" },
    },
    {
      name: "module esnext and bundler resolution",
      types: ["module"],
      options: { module: "esnext", moduleResolution: "bundler", verbatimModuleSyntax: true },
    },
  ],
} as const;

describe.each(Object.entries(compilations))("%s, strict, checking all declarations", (compiler, cells) => {
  const folderOf = (name: string): string => name.replaceAll(" ", "-");

  test(
    "compiles an application for each kind of module and resolution",
    async () => {
      for (const { name, types, options } of cells) {
        const config = {
          extends: "../typescript/tsconfig.json",
          compilerOptions: options,
          include: ["*/app.ts"],
        };
        await project.write(join(folderOf(name), "tsconfig.json"), JSON.stringify(config));
        for (const type of types) {
          const folder = join(folderOf(name), type);
          await project.write(join(folder, "package.json"), JSON.stringify({ type }));
          await copyFile(join(applications, "typescript", "app.ts"), join(project.path, folder, "app.ts"));
        }
      }
      // One process for all of them takes half the time.
      await node(bin(join(compiler, "bin", "tsc")), "-b", ...cells.map(({ name }) => folderOf(name)));
    },
    patience,
  );

  test.each(cells.flatMap(({ name, types }) => types.map((type) => [name, type] as const)))(
    "%s: the application of type %s runs",
    async (name, type) => {
      expect(await node(join(folderOf(name), type, "app.js"), "config.yaml")).toBe(consumed);
    },
  );
});

describe("test runners", () => {
  test.each([
    ["Jest with its defaults", ["jest/bin/jest.js", "--rootDir", "jest"]],
    ["ts-jest", ["jest/bin/jest.js", "--config", "ts-jest/jest.config.js"]],
    ["Vitest", ["vitest/vitest.mjs", "run", "--root", "vitest"]],
  ] as const)(
    "%s",
    async (_name, [file, ...args]) => {
      await node(bin(file), ...args);
    },
    patience,
  );
});

describe("frameworks", () => {
  test.each([
    ["NestJS with its default tsconfig, injecting the provider by token", "nestjs", "dist/main.js"],
    ["Fastify with the decorators of tsyringe", "fastify-tsyringe", "dist/app.js"],
  ])(
    "%s",
    async (_name, folder, main) => {
      await node(bin("typescript/bin/tsc"), "-p", folder);
      expect(await node(join(folder, main))).toBe(consumed);
    },
    patience,
  );
});
