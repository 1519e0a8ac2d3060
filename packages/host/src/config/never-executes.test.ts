import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { loadSettings } from "./load-settings.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

const names = ["js", "cjs", "mjs", "ts"].flatMap((extension) =>
  [".moleculerc", ".config/config", ".config/moleculerc", "molecule.config"].map(
    (name) => `${name}.${extension}`,
  ),
);
let tree: TemporaryTree;
let cwd: string;

beforeEach(async () => {
  tree = await temporaryTree({ "home/p/sub/": "" });
  cwd = process.cwd();
  const canary = `require("node:fs").writeFileSync(${JSON.stringify(tree.path("executed"))}, "");`;
  const module = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(tree.path("executed"))}, "");`;
  for (const directory of ["home", "home/p", "home/p/sub"]) {
    for (const name of names)
      await tree.write({ [`${directory}/${name}`]: name.endsWith(".mjs") ? module : canary });
    await tree.write({ [`${directory}/.config/config.json`]: '{ "molecule": { "timeout": "1m" } }' });
  }
  process.chdir(tree.path("home/p/sub"));
});
afterEach(async () => {
  process.chdir(cwd);
  await tree.remove();
});

const load = (configFile?: string): ReturnType<typeof loadSettings> =>
  loadSettings({ cwd: process.cwd(), env: {}, home: tree.path("home"), configFile, plugins: [] });

test("the canary fires when such a file is executed", async () => {
  await promisify(execFile)(process.execPath, [tree.path("home/p/.config/config.cjs")]);
  expect(existsSync(tree.path("executed"))).toBe(true);
});

test("reads no executable file, neither while searching nor beside a static file", async () => {
  expect((await load()).timeoutMs).toBe(1_800_000);
  await tree.write({ "home/p/.moleculerc.json": '{ "timeout": "2m" }' });
  expect((await load()).timeoutMs).toBe(120_000);
  expect((await load(tree.path("home/p/.moleculerc.json"))).timeoutMs).toBe(120_000);
  expect(existsSync(tree.path("executed"))).toBe(false);
});

test.each(names)("rejects %s when it is named", async (name) => {
  await expect(load(tree.path(`home/p/${name}`))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(existsSync(tree.path("executed"))).toBe(false);
});

test("cosmiconfig by default would have executed one", async () => {
  await tree.write({ "home/p/sub/plain.json": "{}" });
  await rm(tree.path("home/p/sub/.config/config.json"));
  const [library, file] = [
    createRequire(import.meta.url).resolve("cosmiconfig"),
    tree.path("home/p/sub/plain.json"),
  ];
  const script = `require(${JSON.stringify(library)}).cosmiconfig("molecule").load(${JSON.stringify(file)})`;
  await promisify(execFile)(process.execPath, ["-e", script], { cwd: tree.path("home/p/sub") }).catch(
    () => undefined,
  );
  expect(existsSync(tree.path("executed"))).toBe(true);
});
