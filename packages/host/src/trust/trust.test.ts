import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  chmod,
  chown,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { configInvalid } from "@molecule/core";
import { loadSettings } from "../config/load-settings.js";
import { openHost } from "../open-host.js";
import { pluginAtHand, pluginsAtHand } from "../plugins/plugins-at-hand.test.support.js";
import type { Settings } from "../config/settings.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";
import { readTrustedFiles } from "./trusted-files.js";
import { trustProjectFile } from "../trust-project-file.js";

const project = "home/p/.moleculerc";
const record = "home/.config/molecule/trusted.json";
let tree: TemporaryTree;

beforeEach(async () => {
  tree = await temporaryTree({ "home/p/sub/": "", [project]: "cacheDir: ./c\n" });
});
afterEach(() => tree.remove());

const trust = (file?: string): ReturnType<typeof trustProjectFile> =>
  trustProjectFile({ cwd: tree.path("home/p/sub"), env: {}, home: tree.path("home"), file });

const load = (): Promise<Settings> =>
  loadSettings({
    cwd: tree.path("home/p/sub"),
    env: {},
    home: tree.path("home"),
    plugins: pluginsAtHand,
  });

const open = (): ReturnType<typeof openHost> =>
  openHost({ cwd: tree.path("home/p/sub"), env: {}, home: tree.path("home") });

/** A plugin that writes a file into the tree when it is imported. */
const pluginText = (name: string, mark = "imported"): string =>
  `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(tree.path(mark))}, "");
  export default { name: "${name}", apiVersion: 1, modes: ["local"], create() { return {}; } };`;
const wasImported = (mark = "imported"): Promise<boolean> =>
  stat(tree.path(mark)).then(
    () => true,
    () => false,
  );

async function refusal(
  work: () => Promise<unknown>,
): Promise<{ code: string; message: string; hint: string }> {
  const error: unknown = await work().then(
    () => new Error("it was not refused"),
    (caught: unknown) => caught,
  );
  return error as { code: string; message: string; hint: string };
}

test("applies a found file once it is trusted, by path and content", async () => {
  const before = await refusal(load);
  expect(before).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  expect(before.message).toContain(": cacheDir");
  expect(before.hint).toMatch(/: molecule-image trust \S+$/);
  const trusted = await trust();
  expect(trusted).toEqual({
    path: tree.path(project),
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
  });
  expect((await load()).cacheDir).toBe(tree.path("home/p/c"));
  expect(await trust(tree.path(project))).toEqual(trusted);
});

test("asks for trust when the file has changed; reverting the change restores it", async () => {
  await trust();
  await tree.write({ [project]: "cacheDir: ./c\nengine: tcp://evil:2375\n" });
  const error = await refusal(load);
  expect(error).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  expect(error.message).toMatch(/has changed since it was trusted.*: cacheDir, engine$/);
  expect(error.hint).toContain(`molecule-image trust ${tree.path(project)}`);
  await tree.write({ [project]: "cacheDir: ./c\n" });
  await load();
});

test("does not trust a copy of a trusted file, or one whose directory has moved", async () => {
  await trust();
  await rename(tree.path("home/p"), tree.path("home/q"));
  const moved = loadSettings({
    cwd: tree.path("home/q"),
    env: {},
    home: tree.path("home"),
    plugins: [],
  });
  await expect(moved).rejects.toMatchObject({ code: "CONFIG_UNTRUSTED" });
});

test("needs no trust for harmless keys, and does not read the record for them", async () => {
  await tree.write({ [project]: "timeout: 1m\n", [record]: "garbage" });
  expect((await load()).timeoutMs).toBe(60_000);
});

describe("does not trust a file that could not be used", () => {
  const strict = pluginAtHand("strict", z.strictObject({ size: z.number(), key: z.string().optional() }));
  const refused = (): ReturnType<typeof refusal> =>
    refusal(() =>
      trustProjectFile({
        cwd: tree.path("home/p/sub"),
        env: {},
        home: tree.path("home"),
        plugins: [...pluginsAtHand, strict],
      }),
    );

  test.each([
    [
      "options that a source refuses",
      "options: { strict: { size: big } }",
      "options.strict.size: must be a number, not text",
    ],
    ["an option that is missing", "options: { strict: { key: a } }", "options.strict.size: is missing"],
    [
      "options of a source that nobody has",
      "options: { strit: { size: 1 } }",
      'options.strit: unknown key: no plugin has this name (did you mean "strict"?)',
    ],
    [
      "a pin of an unknown runtime",
      "options: { registry-pull: { pins: { hermess: 'sha256:0' } } }",
      "options.registry-pull.pins.hermess",
    ],
    [
      "a misspelt source",
      "sources: { local: strit }",
      'sources.local: no source has this name (did you mean "strict"?)',
    ],
    [
      "a source that does not serve the mode",
      "sources: { registry: strict }",
      "sources.registry is strict, which serves only local",
    ],
  ])("%s", async (_what, text, why) => {
    await tree.write({ [project]: text });
    const error = await refused();
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain(`${tree.path(project)}: `);
    expect(error.message).toContain(why);
    expect(await readTrustedFiles(tree.path(record))).toEqual([]);
  });

  test("several problems, which are reported together", async () => {
    await tree.write({
      [project]:
        "cachDir: x\nsources: { local: strit }\noptions: { strict: { size: big } }\ntimeout: { hermess: 1m }",
    });
    const { message } = await refused();
    expect(message).toContain("4 problems");
    for (const path of ["cachDir: ", "sources.local: ", "options.strict.size: ", "timeout.hermess: "])
      expect(message).toContain(`${tree.path(project)}: ${path}`);
  });

  test("options that the schema accepts but no call could use", async () => {
    await tree.write({ [project]: "options: { strict: { size: 1 } }" });
    const assertUsable = (): void => {
      throw configInvalid("the size 1 cannot be used", "");
    };
    const refusing = trustProjectFile({
      cwd: tree.path("home/p"),
      env: {},
      home: tree.path("home"),
      plugins: [{ ...strict, assertUsable }],
    });
    await expect(refusing).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(refusing).rejects.toThrow(
      `${tree.path(project)}: options.strict: the size 1 cannot be used`,
    );
  });

  test("applies additions of the user's file, and ignores its mistakes", async () => {
    const own = "home/.config/molecule/config.yaml";
    await tree.write({
      [project]: "options: { strict: { key: a } }",
      [own]: "options: { strict: { size: 1 } }",
    });
    await trustProjectFile({ cwd: tree.path("home/p"), env: {}, home: tree.path("home"), plugins: [strict] });
    await tree.write({ [project]: "cacheDir: ./d", [own]: "options: { strict: { size: big } }" });
    await trustProjectFile({ cwd: tree.path("home/p"), env: {}, home: tree.path("home"), plugins: [strict] });
    expect(await readTrustedFiles(tree.path(record))).toHaveLength(1);
  });
});

describe("a misspelt source in a file that is not trusted", () => {
  const misspelt = "sources: { local: gitea-local-biuld }\n";
  const suggestion = 'sources.local: no source has this name (did you mean "gitea-local-build"?)';

  test("gets its suggestion before the trust question, and while trusting", async () => {
    await tree.write({ [project]: misspelt });
    for (const work of [load, open, trust]) {
      const error = await refusal(work);
      expect(error).toMatchObject({ code: "CONFIG_INVALID" });
      expect(error.message).toContain(`${tree.path(project)}: ${suggestion}`);
    }
  });

  test("may be the source of an installed package, or of a plugin that a file names", async () => {
    const manifest = JSON.stringify({ exports: "./index.js" });
    await tree.write({
      [project]: misspelt,
      "home/node_modules/molecule-source-gitea-local-biuld/package.json": manifest,
    });
    expect(await refusal(load)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    await rm(tree.path("home/node_modules"), { recursive: true });
    await tree.write({ [project]: `${misspelt}plugins: [./tools/mine.mjs]\n` });
    expect(await refusal(load)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    await tree.write({ [project]: misspelt, "home/.config/molecule/config.yaml": "plugins: [acme]\n" });
    expect(await refusal(load)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  });

  test("asks for trust if the name is close to none", async () => {
    await tree.write({ [project]: "sources: { local: kaniko }\n" });
    expect(await refusal(load)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  });
});

describe("plugin files", () => {
  const plugin = "home/p/tools/mine.mjs";
  beforeEach(() => tree.write({ [project]: "plugins: [./tools/mine.mjs]\n", [plugin]: pluginText("mine") }));

  test("imports nothing before the file is trusted, nor while trusting it", async () => {
    expect(await refusal(open)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    await trust();
    expect(await wasImported()).toBe(false);
    const host = await open();
    expect(await host.sources()).toMatchObject([{ name: "mine", place: tree.path(plugin) }]);
    expect(await wasImported()).toBe(true);
  });

  test("asks for trust when a plugin file changes, and imports nothing", async () => {
    await trust();
    await tree.write({ [plugin]: `${pluginText("mine")}\n` });
    const error = await refusal(open);
    expect(error).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    expect(error.message).toContain("has changed since it was trusted");
    expect(await wasImported()).toBe(false);
    await trust();
    await open();
    expect(await wasImported()).toBe(true);
  });

  test("asks for trust when a plugin file is gone", async () => {
    await trust();
    await rm(tree.path(plugin));
    expect(await refusal(open)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  });

  test("rejects a missing plugin file with PLUGIN_NOT_FOUND, and records nothing", async () => {
    await rm(tree.path(plugin));
    const error = await refusal(trust);
    expect(error).toMatchObject({ code: "PLUGIN_NOT_FOUND" });
    expect(error.message).toMatch(/\.\/tools\/mine\.mjs.*it does not exist/);
    await expect(readFile(tree.path(record))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("rejects anything but a regular file, without blocking", async () => {
    await tree.write({ [project]: `plugins: [${"../".repeat(20)}dev/zero]\n` });
    expect((await refusal(trust)).message).toContain("is not a regular file");
  });

  test("identifies a linked plugin file by its content and its location", async () => {
    await rename(tree.path(plugin), tree.path("home/real.mjs"));
    await symlink(tree.path("home/real.mjs"), tree.path(plugin));
    await trust();
    expect(await (await open()).sources()).toMatchObject([{ place: tree.path("home/real.mjs") }]);

    await rm(tree.path(plugin));
    await tree.write({ "home/other.mjs": await readFile(tree.path("home/real.mjs"), "utf8") });
    await symlink(tree.path("home/other.mjs"), tree.path(plugin));
    expect(await refusal(open)).toMatchObject({ code: "CONFIG_UNTRUSTED" });

    await trust();
    await tree.write({ "home/other.mjs": pluginText("other") });
    expect(await refusal(open)).toMatchObject({ code: "CONFIG_UNTRUSTED" });
  });

  test("does not import a plugin file that changes after the configuration is read", async () => {
    // The first plugin is imported before the second, and rewrites it.
    const second = tree.path("home/p/tools/second.mjs");
    await tree.write({
      [project]: "plugins: [./tools/mine.mjs, ./tools/second.mjs]\n",
      "home/p/tools/second.mjs": pluginText("second", "second-imported"),
      [plugin]: `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(second)}, "\\n");
        export default { name: "mine", apiVersion: 1, modes: ["local"], create() { return {}; } };`,
    });
    await trust();
    const error = await refusal(open);
    expect(error).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    expect(error.message).toContain(second);
    expect(await wasImported("second-imported")).toBe(false);
  });

  test("resolves packages from the file's directory and those above it, never from the working directory", async () => {
    await tree.write({
      [project]: "plugins: [acme]\n",
      "home/p/sub/node_modules/acme/package.json": '{ "exports": "./x.mjs" }',
      "home/p/sub/node_modules/acme/x.mjs": pluginText("acme"),
    });
    await trust();
    const host = await open();
    expect(await refusal(() => host.createProvider())).toMatchObject({ code: "PLUGIN_NOT_FOUND" });
    await host.close();
    expect(await wasImported()).toBe(false);
  });
});

describe("a linked project file", () => {
  test("is trusted as its target, and resolves names from there", async () => {
    await rm(tree.path(project));
    await tree.write({ "home/shared/.moleculerc": "cacheDir: ./c\n" });
    await symlink("../shared/.moleculerc", tree.path(project));
    expect((await trust()).path).toBe(tree.path("home/shared/.moleculerc"));
    expect((await load()).cacheDir).toBe(tree.path("home/shared/c"));
  });

  test("does not extend a file's trust to the packages beside a link to it", async () => {
    await tree.write({
      [project]: "plugins: [acme]\n",
      "home/p/node_modules/acme/package.json": '{ "exports": "./x.mjs" }',
      "home/p/node_modules/acme/x.mjs": pluginText("acme", "good"),
      "home/clone/node_modules/acme/package.json": '{ "exports": "./x.mjs" }',
      "home/clone/node_modules/acme/x.mjs": pluginText("acme", "evil"),
    });
    await trust();
    await symlink(tree.path(project), tree.path("home/clone/.moleculerc"));
    await openHost({ cwd: tree.path("home/clone"), env: {}, home: tree.path("home") });
    expect([await wasImported("good"), await wasImported("evil")]).toEqual([true, false]);
  });
});

describe("refuses to trust", () => {
  test("a missing file", async () => {
    await rm(tree.path(project));
    const error = await refusal(trust);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain("no project file");
    await expect(trust("gone.yaml")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test.each(["{", "timeuot: 1m\n", "timeout: soon\n", "x: { __proto__: 1 }\n"])(
    "an invalid file: %j",
    async (text) => {
      await tree.write({ [project]: text });
      await expect(trust()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(readFile(tree.path(record))).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});

describe("the record", () => {
  const mode = async (path: string): Promise<number> => (await stat(tree.path(path))).mode & 0o777;

  test("is accessible to its user only, whatever the umask, as is its directory", async () => {
    const before = process.umask(0o077);
    try {
      await trust();
      expect([await mode(record), await mode("home/.config/molecule")]).toEqual([0o600, 0o700]);
      await rm(tree.path("home/.config"), { recursive: true });
      process.umask(0);
      await mkdir(tree.path("home/.config/molecule"), { recursive: true });
      await trust();
      expect([await mode(record), await mode("home/.config/molecule")]).toEqual([0o600, 0o700]);
    } finally {
      process.umask(before);
    }
    expect(await readdir(tree.path("home/.config/molecule"))).toEqual(["trusted.json"]);
  });

  test("is stored below XDG_CONFIG_HOME", async () => {
    const request = {
      cwd: tree.path("home/p"),
      env: { XDG_CONFIG_HOME: tree.path("xdg") },
      home: "/nowhere",
    };
    await trustProjectFile(request);
    expect(await readdir(tree.path("xdg/molecule"))).toEqual(["trusted.json"]);
  });

  test("keeps every other file, and one entry per file", async () => {
    await trust();
    await tree.write({ "home/q/.moleculerc.json": '{ "cacheDir": "/c" }', [project]: "cacheDir: /d\n" });
    await trust(tree.path("home/q/.moleculerc.json"));
    await trust();
    const { files } = JSON.parse(await readFile(tree.path(record), "utf8")) as { files: { path: string }[] };
    expect(files.map(({ path }) => path)).toEqual([tree.path("home/q/.moleculerc.json"), tree.path(project)]);
  });

  test.each<[string, string, RegExp]>([
    ["no JSON", "{", /is not valid JSON \(line 1, column \d+: /],
    ["another version", '{ "version": 2, "files": [] }', /is not a record of version 1/],
    ["no list", '{ "version": 1, "files": {} }', /is not a record of version 1/],
    ["an entry without a digest", '{ "version": 1, "files": [{ "path": "/x" }] }', /without a digest/],
    ["a relative path", '{ "version": 1, "files": [{ "path": "x" }] }', /without a path/],
    ["nothing", "", /is not valid JSON \(line 1, column \d+: /],
  ])("that contains %s is rejected with CONFIG_INVALID, and stays unchanged", async (_name, text, shown) => {
    await tree.write({ [record]: text });
    for (const work of [load, trust]) {
      const error = await refusal(work);
      expect(error).toMatchObject({ code: "CONFIG_INVALID" });
      expect(error.message).toMatch(shown);
      expect(error.message).toContain(tree.path(record));
    }
    expect(await readFile(tree.path(record), "utf8")).toBe(text);
    expect(await readdir(tree.path("home/.config/molecule"))).toEqual(["trusted.json"]);
  });

  test.each([0o620, 0o602, 0o666])("that others can write (%s) is ignored", async (bits) => {
    await trust();
    await chmod(tree.path(record), bits);
    for (const work of [load, trust]) {
      expect(await refusal(work)).toMatchObject({ code: "CONFIG_INVALID" });
    }
  });

  test("that is a link is ignored", async () => {
    await trust();
    await rename(tree.path(record), tree.path("elsewhere.json"));
    await symlink(tree.path("elsewhere.json"), tree.path(record));
    expect((await refusal(load)).message).toContain("is a link");
  });

  test("that belongs to another user is ignored", async () => {
    await trust();
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) await chown(tree.path(record), 12_345, 12_345);
    // Only root can change an owner, but files of root always exist.
    const error = await refusal(() => readTrustedFiles(isRoot ? tree.path(record) : "/etc/passwd"));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain("belongs to another user");
  });

  test("in a directory that cannot be created fails with STORAGE_UNUSABLE", async () => {
    await writeFile(tree.path("file"), "");
    const env = { XDG_CONFIG_HOME: join(tree.path("file"), "x") };
    const request = { cwd: tree.path("home/p"), env, home: tree.path("home") };
    await expect(trustProjectFile(request)).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });
  });
});
