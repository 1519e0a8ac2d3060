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

/** Milliseconds. The tests start many programs, and the machine may be busy. */
const patience = 240_000;

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

describe("TypeScript, strict and with the declarations of dependencies checked", () => {
  const commonjs = ["commonjs"] as const;
  const both = ["commonjs", "module"] as const;
  test.each([
    ["module commonjs", "typescript", commonjs, ["--module", "commonjs"]],
    ["module node16", "typescript", both, ["--module", "node16"]],
    ["module nodenext", "typescript", both, ["--module", "nodenext"]],
    ["module commonjs with bundler resolution", "typescript-6", commonjs, ["--module", "commonjs"]],
    [
      "module esnext with bundler resolution",
      "typescript-6",
      ["module"],
      ["--module", "esnext", "--moduleResolution", "bundler", "--verbatimModuleSyntax"],
    ],
  ] as const)(
    "%s compiles and runs",
    async (name, compiler, types, options) => {
      const folder = name.replaceAll(" ", "-");
      for (const type of types) {
        await project.write(join(folder, type, "package.json"), JSON.stringify({ type }));
        await copyFile(
          join(applications, "typescript", "app.ts"),
          join(project.path, folder, type, "app.ts"),
        );
      }
      const config = join(folder, "tsconfig.json");
      await copyFile(join(applications, "typescript", "tsconfig.json"), join(project.path, config));
      await node(bin(join(compiler, "bin", "tsc")), "-p", config, ...options);
      for (const type of types)
        expect(await node(join(folder, type, "app.js"), "config.yaml")).toBe(consumed);
    },
    patience,
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
