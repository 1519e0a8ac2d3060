import { copyFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newerNode } from "./newer-node.js";
import { strangerProject, type StrangerProject } from "./stranger-project.js";

/*
 * The packages as users get them: packed, installed with npm in an empty project, and used outside this workspace.
 */

const here = dirname(fileURLToPath(import.meta.url));
const bin = (name: string): string => join(here, "..", "node_modules", ".bin", name);
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/** Milliseconds. The tests start many programs, and the machine may be busy. */
const patience = 240_000;

let project: StrangerProject;
beforeAll(async () => {
  project = await strangerProject();
}, patience);
afterAll(() => project.remove());

const tarballs = async (): Promise<string[]> => {
  const folder = join(project.path, "..", "packed");
  return (await readdir(folder)).map((file) => join(folder, file));
};

test(
  "publint finds nothing in any package",
  async () => {
    for (const file of await tarballs()) await project.run(bin("publint"), ["--strict", file]);
  },
  patience,
);

test(
  "the types of every package resolve as ES modules",
  async () => {
    for (const file of await tarballs()) {
      const manifest = JSON.parse(
        await project.run("tar", ["-xOzf", file, "package/package.json"]),
      ) as object;
      // The command exports nothing to import.
      if ("exports" in manifest) await project.run(bin("attw"), [file, "--profile", "esm-only"]);
    }
  },
  patience,
);

describe("a strict project with the packages installed", () => {
  beforeAll(async () => {
    await project.install({ dependencies: project.packed, devDependencies: { "@types/node": "20.19.43" } });
    for (const file of ["consumer.ts", "tsconfig.json"])
      await copyFile(join(here, "consumer", file), join(project.path, file));
    await project.write("config.yaml", "sources: { local: mine }\n");
  }, patience);

  test(
    "type-checks, including declarations of others, and runs",
    async () => {
      await project.run(process.execPath, [tsc, "-p", "."]);
      const output = await project.run(process.execPath, ["consumer.js", "config.yaml"]);
      expect(output).toBe(`consumed on ${process.version}\n`);
    },
    patience,
  );

  test(
    "runs on a newer Node, as does the command",
    async () => {
      const node = await newerNode();
      const output = await project.run(node, ["consumer.js", "config.yaml"]);
      expect(output).toMatch(/^consumed on v24\./);
      const command = join("node_modules", "@molecule", "cli", "bin", "molecule-image");
      const { sources } = JSON.parse(await project.run(node, [command, "sources", "--json"])) as {
        readonly sources: readonly { readonly name: string; readonly selected: boolean }[];
      };
      expect(sources.find(({ selected }) => selected)).toMatchObject({ name: "gitea-local-build" });
    },
    patience,
  );
});
