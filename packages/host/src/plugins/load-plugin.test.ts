import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadPlugin, loadPluginOfSource } from "./load-plugin.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
let config: string;

beforeEach(async () => {
  tree = await temporaryTree({ "etc/sub/": "" });
  config = tree.path("etc/sub/.moleculerc");
});
afterEach(() => tree.remove());

const plugin = (members = ""): string =>
  `export default { name: "acme", apiVersion: 1, modes: ["local"], create() { return {}; }, ${members} };`;
const folder = "etc/node_modules/@acme/plugin";

describe("finds", () => {
  const nothing = "throw new Error('the wrong entry');";
  test.each<[string, Record<string, string>]>([
    [
      "exports as a text",
      { "package.json": '{"type":"module","exports":"./x.js","version":"1.2.3"}', "x.js": plugin() },
    ],
    [
      "only an import condition",
      { "package.json": '{"exports":{".":{"import":"./x.mjs"}},"version":"1.2.3"}', "x.mjs": plugin() },
    ],
    [
      "conditions inside conditions, in their order",
      {
        "package.json":
          '{"exports":{"require":"./no.cjs","node":{"types":"./x.d.ts","import":["./x.mjs"]},"default":"./no.mjs"},"version":"1.2.3"}',
        "x.mjs": plugin(),
        "no.mjs": nothing,
        "no.cjs": nothing,
      },
    ],
    [
      "main without its extension",
      { "package.json": '{"type":"module","main":"lib","version":"1.2.3"}', "lib.js": plugin() },
    ],
    ["no entry at all", { "package.json": '{"type":"module","version":"1.2.3"}', "index.js": plugin() }],
    [
      "CommonJS",
      {
        "package.json": '{"version":"1.2.3"}',
        "index.js": plugin().replace("export default", "module.exports ="),
      },
    ],
    [
      "CommonJS compiled from an ES module",
      {
        "package.json": '{"version":"1.2.3"}',
        "index.js": `exports.__esModule = true; ${plugin().replace("export default", "exports.default =")}`,
      },
    ],
  ])("a package with %s, in a directory above the file", async (_name, files) => {
    await tree.write(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text])),
    );
    const loaded = await loadPlugin("@acme/plugin", config);
    expect(loaded).toMatchObject({ plugin: { name: "acme" }, version: "1.2.3" });
    expect(loaded.place).toContain(tree.path(folder));
  });

  test("a path relative to the file", async () => {
    await tree.write({ "etc/x.mjs": plugin('version: "9"') });
    expect(await loadPlugin("../x.mjs", config)).toMatchObject({
      place: tree.path("etc/x.mjs"),
      version: "9",
    });
  });

  test("a bare source name, with the scoped package first", async () => {
    await tree.write({
      "etc/node_modules/molecule-source-acme/index.mjs": plugin(),
      "etc/node_modules/molecule-source-acme/package.json": '{"exports":"./index.mjs"}',
    });
    expect((await loadPluginOfSource("acme", config)).place).toContain("/molecule-source-acme/");
    await tree.write({
      "etc/node_modules/@molecule/source-acme/index.mjs": plugin(),
      "etc/node_modules/@molecule/source-acme/package.json": '{"exports":"./index.mjs"}',
    });
    expect((await loadPluginOfSource("acme", config)).place).toContain("/@molecule/source-acme/");
  });
});

test.each([
  "@acme/none",
  "none",
  "./none.mjs",
  "fs",
  "node:fs",
  "/etc/passwd",
  "data:text/javascript,1",
  "../../x",
  "a/b",
  ".",
  "..",
  "",
])("PLUGIN_NOT_FOUND: %s", async (name) => {
  // The targets that such a name would reach from the `node_modules` beside the file and above it.
  for (const folder of ["etc/x", "etc/sub", "etc", "x", "etc/sub/node_modules/a/b"])
    await tree.write({ [`${folder}/package.json`]: '{"exports":"./x.mjs"}', [`${folder}/x.mjs`]: plugin() });
  await expect(loadPlugin(name, config)).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
});

test("PLUGIN_NOT_FOUND explains valid names if the value is neither a package nor a path", async () => {
  await tree.write({ "etc/sub/tools/x.mjs": plugin() });
  await expect(loadPlugin("tools/x.mjs", config)).rejects.toMatchObject({
    code: "PLUGIN_NOT_FOUND",
    message: expect.stringContaining("neither a package name nor a path that starts with ./") as unknown,
  });
});

test("PLUGIN_NOT_FOUND names the closest shipped source", async () => {
  await expect(loadPlugin("podmann", config)).rejects.toMatchObject({
    hint: expect.stringMatching(/^Did you mean podman\? /) as unknown,
  });
  await expect(loadPlugin("kaniko", config)).rejects.toMatchObject({
    hint: expect.not.stringContaining("Did you mean") as unknown,
  });
});

test("PLUGIN_NOT_FOUND for a package in the working directory only", async () => {
  const before = process.cwd();
  await tree.write({
    "cwd/node_modules/acme/package.json": '{"exports":"./x.mjs"}',
    "cwd/node_modules/acme/x.mjs": plugin(),
  });
  process.chdir(tree.path("cwd"));
  try {
    await expect(loadPlugin("acme", config)).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
  } finally {
    process.chdir(before);
  }
});

describe("PLUGIN_BROKEN keeps the cause", () => {
  test.each([
    ["throws", "throw new RangeError('kaputt');", "RangeError: kaputt"],
    ["does not parse", "export default {", "SyntaxError"],
    ["needs what is missing", "import 'nowhere-to-be-found';", "nowhere-to-be-found"],
  ])("a module that %s", async (_name, text, shown) => {
    await tree.write({ "etc/sub/x.mjs": text });
    const error: unknown = await loadPlugin("./x.mjs", config).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "PLUGIN_BROKEN" });
    const { message, cause } = error as Error;
    expect(message).toContain(tree.path("etc/sub/x.mjs"));
    expect(message).toContain(shown);
    expect(cause).toBeDefined();
  });

  test.each([
    "{",
    "[]",
    '{"exports":{"require":"./x.cjs"}}',
    '{"exports":"../x.mjs"}',
    '{"exports":"./a/../../../x.mjs"}',
    '{"main":"gone"}',
  ])("a package whose manifest is %s", async (manifest) => {
    await tree.write({ [`${folder}/package.json`]: manifest });
    const error: unknown = await loadPlugin("@acme/plugin", config).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "PLUGIN_BROKEN", cause: expect.anything() as unknown });
  });
});

describe("PLUGIN_INVALID names the problem", () => {
  test.each([
    ["export const plugin = 1;", "no default export"],
    ["export default 7;", "a number"],
    ["export default null;", "null"],
    ["export default {};", "name is missing"],
    [plugin('name: "Acme"'), 'name is "Acme"'],
    [plugin("apiVersion: 2"), "acme is written for apiVersion 2, but this host supports 1"],
    [plugin("apiVersion: 0"), "acme is written for apiVersion 0, but this host supports 1"],
    [plugin("apiVersion: undefined"), "apiVersion of acme is missing"],
    [plugin('apiVersion: "1"'), 'apiVersion of acme is "1"'],
    [plugin("apiVersion: 1.5"), "apiVersion of acme is 1.5"],
    [plugin('modes: ["remote"]'), "modes of acme"],
    [plugin("modes: []"), "modes of acme"],
    [plugin("create: undefined"), "create of acme is missing"],
    [plugin("options: {}"), "options of acme"],
    [plugin("version: 1"), "version of acme is 1"],
  ])("%s", async (text, shown) => {
    await tree.write({ "etc/sub/x.mjs": text });
    const error: unknown = await loadPlugin("./x.mjs", config).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "PLUGIN_INVALID" });
    expect((error as Error).message).toContain(shown);
  });

  test("a package whose name differs from the selected source", async () => {
    await tree.write({
      "etc/node_modules/molecule-source-podman/package.json": '{"exports":"./x.mjs"}',
      "etc/node_modules/molecule-source-podman/x.mjs": plugin(),
    });
    await expect(loadPluginOfSource("podman", config)).rejects.toMatchObject({ code: "PLUGIN_INVALID" });
  });
});
