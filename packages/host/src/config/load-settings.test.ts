import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { mkdir, symlink } from "node:fs/promises";
import { loadSettings, type SettingsRequest } from "./load-settings.js";
import { pluginAtHand, pluginsAtHand } from "../plugins/plugins-at-hand.test.support.js";
import type { Settings } from "./settings.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;

beforeEach(async () => {
  tree = await temporaryTree({ "home/p/.git/": "", "home/p/sub/": "" });
});
afterEach(() => tree.remove());

const mine = z.strictObject({
  size: z.number().optional(),
  deep: z.strictObject({ colour: z.string() }).optional(),
});

function load(request: Partial<SettingsRequest> = {}): Promise<Settings> {
  return loadSettings({
    cwd: tree.path("home/p/sub"),
    env: {},
    home: tree.path("home"),
    plugins: [...pluginsAtHand, pluginAtHand("mine", mine)],
    ...request,
  });
}

const user = "home/.config/molecule/config.yaml";
const project = "home/p/.moleculerc";

describe("layers", () => {
  test("use defaults only if there is no file", async () => {
    const settings = await load();
    expect(settings).toMatchObject({
      sources: { registry: "registry-pull", local: "gitea-local-build" },
      plugins: [],
      platform: "linux/amd64",
      timeoutMs: 1_800_000,
      stallAfterMs: 240_000,
      cacheDir: tree.path("home/.cache/molecule/workspace-template-build"),
      engine: undefined,
    });
    expect(new Set(settings.values().map(({ origin }) => origin))).toEqual(new Set(["default"]));
  });

  test("apply in order: flag, variable, project file, user file, default", async () => {
    const timeout = async (request: Partial<SettingsRequest> = {}): Promise<unknown> =>
      (await load(request)).timeoutMs;
    const platform = async (request: Partial<SettingsRequest>): Promise<unknown> =>
      (await load(request)).platform;
    await tree.write({ [user]: "timeout: 1m\nplatform: linux/386\n" });
    expect(await timeout()).toBe(60_000);
    await tree.write({ [project]: '{ "timeout": "2m", "platform": "linux/arm" }' });
    expect(await timeout()).toBe(120_000);
    const env = { MOLECULE_IMAGE_PLATFORM: "linux/aarch64" };
    expect(await platform({ env: {} })).toBe("linux/arm/v7");
    expect(await platform({ env })).toBe("linux/arm64");
    expect(await platform({ env, flags: { platform: "linux/riscv64" } })).toBe("linux/riscv64");
  });

  test("merge maps key by key, replace arrays, and record the origin of each value", async () => {
    await tree.write({
      [user]: "sources: { local: gitea-local-build }\nruntimes: { add: [one] }\n",
      [project]: "sources: { registry: registry-pull }\nruntimes: { add: [two] }\n",
    });
    const settings = await load();
    expect(settings.runtimes.has("one" as never)).toBe(false);
    expect(settings.runtimes.has("two" as never)).toBe(true);
    expect(settings.values()).toEqual(
      expect.arrayContaining([
        { path: "sources.local", value: "gitea-local-build", origin: tree.path(user) },
        { path: "sources.registry", value: "registry-pull", origin: tree.path(project) },
        { path: "runtimes.add", value: ["two"], origin: tree.path(project) },
      ]),
    );
  });

  test.each([
    ["MOLECULE_LOCAL_BUILD_CACHE", "/c", "cacheDir", "/c"],
    ["DOCKER_HOST", "unix:///d.sock", "engine", "unix:///d.sock"],
    ["DOCKER_CONTEXT", "other", "engine", null],
    [
      "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX",
      "https://g/o/t-",
      "options.gitea-local-build.repoPrefix",
      "https://g/o/t-",
    ],
    ["MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", "https://g/o/t-", "options.podman.repoPrefix", "https://g/o/t-"],
    ["MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", "https://g/o/t-", "options.buildah.repoPrefix", "https://g/o/t-"],
  ])("the variable %s=%s sets %s", async (name, written, path, value) => {
    await tree.write({ [user]: "cacheDir: /from-file\nengine: unix:///file.sock\n" });
    const values = (await load({ env: { [name]: written } })).values();
    expect(values).toContainEqual({ path, value, origin: `variable ${name}` });
  });

  test("an empty variable counts as unset, except for the platform, where it selects the engine's own", async () => {
    const names = [
      "MOLECULE_LOCAL_BUILD_CACHE",
      "DOCKER_HOST",
      "MOLECULE_CONFIG",
      "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX",
    ];
    const settings = await load({
      env: { ...Object.fromEntries(names.map((n) => [n, ""])), MOLECULE_IMAGE_PLATFORM: "" },
    });
    expect(settings.platform).toBeUndefined();
    const set = settings.values().filter(({ origin }) => origin !== "default");
    expect(set).toEqual([{ path: "platform", value: null, origin: "variable MOLECULE_IMAGE_PLATFORM" }]);
  });

  test("resolves cacheDir against its file, or against the working directory if set by the variable", async () => {
    await tree.write({ [user]: "cacheDir: ./c\n" });
    expect((await load()).cacheDir).toBe(tree.path("home/.config/molecule/c"));
    expect((await load({ env: { MOLECULE_LOCAL_BUILD_CACHE: "c" } })).cacheDir).toBe(
      tree.path("home/p/sub/c"),
    );
  });

  test("find the user's directories as XDG specifies", async () => {
    await tree.write({ "xdg/molecule/config.json": '{ "timeout": "7m" }' });
    const env = { XDG_CONFIG_HOME: tree.path("xdg"), XDG_CACHE_HOME: "/x" };
    expect(await load({ env })).toMatchObject({
      timeoutMs: 420_000,
      cacheDir: "/x/molecule/workspace-template-build",
    });
  });
});

describe("the search for a project file", () => {
  const nine = "timeout: 9m\n";
  const found = async (request: Partial<SettingsRequest> = {}): Promise<boolean> =>
    (await load(request)).timeoutMs === 540_000;

  test.each([".moleculerc", ".moleculerc.json", ".moleculerc.yaml", ".moleculerc.yml"])(
    "finds %s",
    async (name) => {
      await tree.write({ [`home/p/${name}`]: '{\n\t"timeout": "9m"\n}' });
      expect(await found()).toBe(true);
    },
  );

  test("uses only the nearest file", async () => {
    await tree.write({ "home/p/sub/.moleculerc": nine, [project]: "timeout: 1m\nplatform: linux/386\n" });
    expect(await load()).toMatchObject({ timeoutMs: 540_000, platform: "linux/amd64" });
  });

  test("stops at the directory that contains .git, even if .git is a file", async () => {
    await tree.write({ "home/.moleculerc": nine, "home/w/.git": "gitdir: elsewhere", "home/w/sub/": "" });
    expect(await found()).toBe(false);
    expect(await found({ cwd: tree.path("home/w/sub") })).toBe(false);
  });

  test("stops at the home directory, which is still searched", async () => {
    await tree.write({ ".moleculerc": "timeout: 1m\n", "home/.moleculerc": nine, "home/q/r/": "" });
    expect(await found({ cwd: tree.path("home/q/r") })).toBe(true);
    await tree.write({ "home/.moleculerc": "{}" });
    expect((await load({ cwd: tree.path("home/q/r") })).timeoutMs).toBe(1_800_000);
  });

  test("stops at the working directory itself if it is under neither, even if the home is /", async () => {
    await tree.write({ ".moleculerc": nine, "out/": "" });
    expect(await found({ cwd: tree.path("out") })).toBe(false);
    expect(await found({ cwd: tree.path("out"), home: "/" })).toBe(false);
    expect(await found({ cwd: tree.root })).toBe(true);
  });

  test("recognizes the home directory through a link", async () => {
    await tree.write({ "home/.moleculerc": nine, "home/q/": "" });
    await symlink(tree.path("home"), tree.path("link"));
    expect(await found({ cwd: tree.path("home/q"), home: tree.path("link") })).toBe(true);
  });

  test("is replaced by a named file, the option before the variable", async () => {
    await tree.write({ [project]: "timeout: 1m\n", "a.yaml": nine, "b.yaml": "timeout: 2m\n" });
    expect(
      await found({ configFile: tree.path("a.yaml"), env: { MOLECULE_CONFIG: tree.path("b.yaml") } }),
    ).toBe(true);
    expect(await found({ env: { MOLECULE_CONFIG: "../../../a.yaml" } })).toBe(true);
  });
});

test("ignores whitespace and line breaks around an engine address", async () => {
  const settings = await load({ env: { DOCKER_HOST: " unix:///run/d.sock\r\n" } });
  expect(settings.engine).toBe("unix:///run/d.sock");
  expect((await load({ env: { DOCKER_HOST: "\n" } })).engine).toBeUndefined();
});

describe("rejects with CONFIG_INVALID", () => {
  test.each(["MOLECULE_LOCAL_BUILD_CACHE", "MOLECULE_CONFIG", "MOLECULE_IMAGE_PLATFORM"])(
    "%s with a trailing line break, which the message shows",
    async (name) => {
      const value = name === "MOLECULE_IMAGE_PLATFORM" ? "linux/arm64" : tree.path("home/x");
      const refused = load({ env: { [name]: `${value}\n` } });
      await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(refused).rejects.toThrow(name);
      await expect(refused).rejects.toThrow(JSON.stringify(`${value}\n`));
    },
  );

  async function refusal(request: Partial<SettingsRequest> = {}): Promise<string> {
    const error: unknown = await load(request).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }

  test("two files in one directory, naming both", async () => {
    await tree.write({ "home/p/.moleculerc": "{}", "home/p/.moleculerc.yml": "" });
    expect(await refusal()).toContain(`${tree.path(project)} and ${tree.path("home/p/.moleculerc.yml")}`);
  });

  test("two user files, naming both", async () => {
    await tree.write({ [user]: "", "home/.config/molecule/config.json": "{}" });
    expect(await refusal()).toContain(`config.json and ${tree.path(user)}`);
  });

  test("a missing named file", async () => {
    expect(await refusal({ configFile: "no.yaml" })).toContain(
      `${tree.path("home/p/sub/no.yaml")}: cannot be read: it does not exist`,
    );
    expect(await refusal({ env: { MOLECULE_CONFIG: "no.yaml" } })).toContain("no.yaml");
  });

  test("a number instead of a duration, with an example of a valid one", async () => {
    await tree.write({ [project]: "timeout: 30\nplatform: 386\n" });
    const message = await refusal();
    expect(message).toContain('timeout: must be text, such as "30m"');
    expect(message).toContain('platform: must be text, such as "linux/arm64"');
  });

  test.each([
    [
      "timeout: { default: 1h, hermes: soon }",
      'timeout.hermes: "soon" is not a duration of at most 24 days; write a whole number and a unit',
    ],
    ["timeout: { hermes: 30 }", 'timeout.hermes: must be text, such as "30m"'],
    ["stallAfter: { Bad Name: 1h }", 'stallAfter.Bad Name: "Bad Name" is not a runtime name; use lower-case'],
    ["stallAfter: { hermess: 1h }", 'stallAfter.hermess: unknown runtime "hermess" (did you mean "hermes"?)'],
    ["timeout: [1h]", "timeout: must be text or a map, not a list"],
  ])("in %s, the entry of the runtime", async (text, problem) => {
    await tree.write({ [project]: `${text}\n` });
    expect(await refusal()).toContain(`${tree.path(project)}: ${problem}`);
  });

  test.each<[string, string, Partial<SettingsRequest>, string]>([
    ["an unknown key without a suggestion", "xyzzyx: 1", {}, "moleculerc.schema.json of @molecule/host"],
    ["a misspelt key", "timeuot: 5m", {}, "Correct the listed keys."],
    ["a wrong value", "timeout: soon", {}, "Correct the listed keys."],
    ["a runtime that is not allowed", "timeout: { hermess: 1h }", {}, "Correct the listed keys."],
    [
      "an option of a plugin that is not shipped",
      "options: { mine: { xyzzyx: 1 } }",
      {},
      "Correct the listed keys.",
    ],
    ["a file that cannot be parsed", "{", {}, "Correct the file, or name another one."],
    ["a file that does not exist", "", { configFile: "no.yaml" }, "Correct the file, or name another one."],
    ["a variable", "", { env: { MOLECULE_IMAGE_PLATFORM: "x" } }, "Correct the listed variable or flag."],
    ["a flag", "", { flags: { platform: "x" } }, "Correct the listed variable or flag."],
    [
      "a key and a flag",
      "timeout: soon",
      { flags: { platform: "x" } },
      "Correct the listed keys, variables and flags.",
    ],
  ])("%s, with a hint that names the schema only if it lists what may be written", async (...args) => {
    const [, text, more, hint] = args;
    await tree.write({ [project]: text });
    const error: unknown = await load(more).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining(hint) as unknown });
    if (!hint.includes("schema"))
      expect(error).not.toMatchObject({ hint: expect.stringContaining("schema") });
  });

  test("every problem of every layer together, each with its place and the closest key", async () => {
    await tree.write({
      [user]: "timeuot: 5m\noptions: { mine: { deep: { color: x }, size: big }, mien: { size: 1 } }\n",
      [project]:
        '{ "platform": "plan9", "runtimes": { "add": ["Bad Name"] }, "stallAfter": "soon", "xyzzyx": 1 }',
    });
    const message = await refusal({ env: { MOLECULE_IMAGE_PLATFORM: "linux" }, flags: { platform: "mac" } });
    expect(message).not.toContain("\n");
    for (const part of [
      "11 problems",
      `${tree.path(user)}: timeuot: unknown key (did you mean "timeout"?)`,
      `${tree.path(user)}: options.mine.deep.color: unknown key (did you mean "colour"?)`,
      `${tree.path(user)}: options.mine.deep.colour: `,
      `${tree.path(user)}: options.mine.size: `,
      `${tree.path(user)}: options.mien: unknown key: no plugin has this name (did you mean "mine"?)`,
      `${tree.path(project)}: platform: "plan9" is not a platform`,
      `${tree.path(project)}: runtimes.add.0: "Bad Name" is not a runtime name`,
      `${tree.path(project)}: stallAfter: "soon" is not a duration`,
      `${tree.path(project)}: xyzzyx: unknown key;`,
      'variable MOLECULE_IMAGE_PLATFORM: "linux" is not a platform',
      'flag --platform: "mac" is not a platform',
    ]) {
      expect(message).toContain(part);
    }
  });

  test("an options key without a known plugin is accepted until all plugins are loaded", async () => {
    await tree.write({ [user]: "plugins: [acme]\noptions: { acme: { a: 1 } }\n" });
    expect((await load()).options("acme")).toEqual({ a: 1 });
    await tree.write({ [user]: "options: { acme: { a: 1 } }\n" });
    expect(await refusal()).toContain("options.acme: unknown key: no plugin has this name");
  });

  const aliasBomb = [
    "a0: &a0 [x]",
    ...Array.from(
      { length: 30 },
      (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [*a${String(i)}, *a${String(i)}]`,
    ),
  ];
  const manyKeys = Array.from({ length: 2_000 }, (_, index) => `k${String(index)}: 1`).join(", ");
  const mergeBomb = [
    `a: &a { ${manyKeys} }`,
    ...Array.from({ length: 2_000 }, (_, i) => `b${String(i)}: { <<: *a }`),
  ];
  test.each<[string, string, string]>([
    ["a syntax error in JSON", "{ ", ".json"],
    ["a syntax error in YAML", "a: [", ""],
    ["a list", "[]", ""],
    ["several documents", "{}\n---\n{}\n", ""],
    ["a custom tag", "platform: !!js/function 'function () {}'", ""],
    ["a date", "timeout: 2026-01-01", ""],
    ["an alias bomb", aliasBomb.join("\n"), ""],
    ["a bomb of merged maps", mergeBomb.join("\n"), ""],
    ["lists in lists without end", "[".repeat(500_000), ""],
    ["lists in lists without end in JSON", "[".repeat(500_000), ".json"],
    ["a circle", "options: &a { x: *a }", ""],
    ["more than 1 MiB", `# ${"x".repeat(1024 * 1024)}`, ""],
    ["__proto__ in JSON", '{ "options": { "x": { "__proto__": { "polluted": 1 } } } }', ".json"],
    ["__proto__ in YAML", "options: { x: { __proto__: { polluted: 1 } } }", ""],
    ["constructor", "options: { x: [{ constructor: 1 }] }", ""],
    ["prototype", "prototype: 1", ""],
  ])("%s", async (_name, text, extension) => {
    await tree.write({ [project + extension]: text });
    expect(await refusal()).toContain(tree.path(project + extension));
    expect({}).not.toHaveProperty("polluted");
  });

  test.each([
    ["too many values", aliasBomb.join("\n"), "contains more than 10000 values"],
    ["excessive nesting", `x: ${"[".repeat(40)}${"]".repeat(40)}`, "is nested more than 32 levels deep"],
    ["__proto__", "options: { x: { __proto__: { polluted: 1 } } }", "the key __proto__ is not allowed"],
    ["constructor", "options: { x: [{ constructor: 1 }] }", "the key constructor is not allowed"],
    ["prototype", "prototype: 1", "the key prototype is not allowed"],
  ])("%s is rejected before any key is validated", async (_name, text, what) => {
    await tree.write({ [project]: text });
    expect(await refusal()).toContain(what);
  });

  test.each([
    ["a trailing comma", ".json", '{\n  "timeout": "1h",\n}', "line 2, column 18: trailing comma"],
    ["a comment", ".json", '{\n  "timeout": "1h" // long\n}', "line 2, column 19: JSON has no comments"],
    ["an empty file", ".json", "", "line 1, column 1: the file is empty"],
    [
      "a key twice",
      ".json",
      '{ "timeout": "1h",\n"timeout": "2h" }',
      'line 2, column 1: the key "timeout" appears twice',
    ],
    ["a list", ".json", "[]", "must be a map, not a list"],
    ["text", "", "just words", "must be a map, not text"],
    ["a list in YAML", ".yaml", "- timeout: 1h", "must be a map, not a list"],
    [
      "a tab in YAML",
      ".yaml",
      "sources:\n\tlocal: podman\n",
      "line 2, column 1: tab characters must not be used in indentation",
    ],
    ["a key twice in YAML", ".yml", "timeout: 1h\ntimeout: 2h\n", "line 2, column 1: duplicated mapping key"],
    ["a list that is not closed", ".yaml", "plugins: [a", "column"],
    ["another encoding", ".yaml", Buffer.from([0xff, 0xfe, 0x61, 0]), "is not UTF-8 text"],
    ["no map where one must be", "", "sources: [podman]", "sources: must be a map, not a list"],
    ["no text where it must be", "", "plugins: [1]", "plugins.0: must be text, not a number"],
    ["empty text", "", "plugins: ['']", "plugins.0: must not be empty"],
    ["no map of options", "", "options: { mine: [] }", "options.mine: must be a map, not a list"],
    [
      "text for a number of a plugin",
      "",
      "options: { mine: { size: big } }",
      "options.mine.size: must be a number, not text",
    ],
  ])("%s in %j, with its location and the reason in plain words", async (_what, extension, text, why) => {
    await tree.write({ [project + extension]: text });
    const message = await refusal();
    expect(message).toContain(`${tree.path(project + extension)}: `);
    expect(message).toContain(why);
    expect(message).not.toMatch(/Error|invalid input|\n|\^/i);
  });

  test("anything but a regular file, without blocking", async () => {
    await mkdir(tree.path(project));
    expect(await refusal()).toContain("is not a regular file");
    expect(await refusal({ configFile: "/dev/zero" })).toContain("is not a regular file");
  });

  test("a dangling link", async () => {
    await symlink("nowhere", tree.path(project));
    expect(await refusal()).toContain("it does not exist");
  });

  test("a working directory that does not exist", async () => {
    expect(await refusal({ cwd: tree.path("gone") })).toContain("gone");
  });
});

test("accepts a schema reference in a file, without any effect", async () => {
  await tree.write({ [project]: '{ "$schema": "./s.json", "timeout": "9m" }' });
  const settings = await load();
  expect(settings.timeoutMs).toBe(540_000);
  expect(settings.values().map(({ path }) => path)).not.toContain("$schema");
});

test("accepts a byte order mark, an empty file and a file of comments", async () => {
  for (const text of ["\uFEFFtimeout: 30m\n", "", "# nothing\n"]) {
    await tree.write({ [project]: text });
    expect((await load()).timeoutMs).toBe(1_800_000);
  }
});

test("does not expand variables in a file: a file must not send a secret anywhere", async () => {
  await tree.write({ [user]: "cacheDir: '/c/${MOLECULE_GITEA_TOKEN}/$MOLECULE_GITEA_TOKEN'\n" });
  const settings = await load({ env: { MOLECULE_GITEA_TOKEN: "tok-0123456789" } });
  expect(settings.cacheDir).toBe("/c/${MOLECULE_GITEA_TOKEN}/$MOLECULE_GITEA_TOKEN");
});

describe("times per runtime", () => {
  const times = async (above: string, below = ""): Promise<unknown> => {
    await tree.write({ [user]: below, [project]: above });
    return (await load()).timeoutMs;
  };

  test("leave the default to the other runtimes", async () => {
    expect(await times("timeout: { hermes: 1h }\n")).toEqual({ default: 1_800_000, hermes: 3_600_000 });
    await tree.write({
      [project]: "stallAfter: { default: 1m, my-agent: 2m }\nruntimes: { add: [my-agent] }\n",
    });
    expect((await load()).stallAfterMs).toEqual({ default: 60_000, "my-agent": 120_000 });
  });

  test("keep the time of a lower layer as the default, and its other entries", async () => {
    expect(await times("timeout: { hermes: 1h }\n", "timeout: 10m\n")).toEqual({
      default: 600_000,
      hermes: 3_600_000,
    });
    expect(await times("timeout: { hermes: 1h }\n", "timeout: { default: 10m, codex: 5m }\n")).toEqual({
      default: 600_000,
      codex: 300_000,
      hermes: 3_600_000,
    });
  });

  test("are all replaced by one time of a later layer", async () => {
    expect(await times("timeout: 20m\n", "timeout: { default: 10m, hermes: 1h }\n")).toBe(1_200_000);
  });

  test("are displayed with the origin of each", async () => {
    await times("timeout: { hermes: 1h }\n", "timeout: 10m\n");
    const shown = (await load()).values().filter(({ path }) => path.startsWith("timeout"));
    expect(shown).toEqual([
      { path: "timeout.default", value: "10m", origin: tree.path(user) },
      { path: "timeout.hermes", value: "1h", origin: tree.path(project) },
    ]);
  });
});

test("a pull policy for one runtime keeps the policy of a lower layer as the default", async () => {
  await tree.write({
    [user]: "options: { registry-pull: { pullPolicy: always } }\n",
    "named.yaml": "options: { registry-pull: { pullPolicy: { hermes: never } } }\n",
  });
  const settings = await load({ configFile: tree.path("named.yaml") });
  expect(settings.options("registry-pull")).toEqual({ pullPolicy: { default: "always", hermes: "never" } });
});
