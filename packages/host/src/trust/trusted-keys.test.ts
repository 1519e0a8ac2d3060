import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadSettings, type SettingsRequest } from "../config/load-settings.js";
import { pluginAtHand, pluginsAtHand } from "../plugins/plugins-at-hand.test.support.js";
import type { Settings } from "../config/settings.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;

beforeEach(async () => {
  tree = await temporaryTree({ "home/p/": "" });
});
afterEach(() => tree.remove());

const load = (request: Partial<SettingsRequest> = {}): Promise<Settings> =>
  loadSettings({
    cwd: tree.path("home/p"),
    env: {},
    home: tree.path("home"),
    plugins: [...pluginsAtHand, pluginAtHand("acme")],
    ...request,
  });
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

const trusted: readonly [key: string, text: string][] = [
  ["plugins", "plugins: [./x.mjs]"],
  ["cacheDir", "cacheDir: /c"],
  ["engine", "engine: tcp://evil:2375"],
  ["sources.local", "sources: { local: kaniko }"],
  ["sources.local", "sources: { local: podman }"],
  ["sources.registry", "sources: { registry: other }"],
  [
    "options.gitea-local-build.repoPrefix",
    "options: { gitea-local-build: { repoPrefix: 'http://evil/o/t-' } }",
  ],
  [
    "options.gitea-local-build.allowedRegistries",
    "options: { gitea-local-build: { allowedRegistries: [] } }",
  ],
  ["options.gitea-local-build.buildArgs", "options: { gitea-local-build: { buildArgs: { A: b } } }"],
  ["options.gitea-local-build.secrets", "options: { gitea-local-build: { secrets: { a: { env: HOME } } } }"],
  ["options.podman.branch", "options: { podman: { branch: b } }"],
  ["options.buildah.share", "options: { buildah: { share: { registry: r } } }"],
  ["options.acme.x", "options: { acme: { x: 1 } }"],
];

describe.each(trusted)("%s, as in %s", (key, text) => {
  test("is ignored in a file found by searching", async () => {
    await tree.write({ "home/p/.moleculerc": text });
    const error: unknown = await load().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CONFIG_UNTRUSTED" });
    expect((error as Error).message).toMatch(new RegExp(`: ${key.replaceAll(".", "\\.")}$`));
  });

  test("applies in the user file and in a named file", async () => {
    await tree.write({ "home/.config/molecule/config.yaml": text, "named.yaml": text });
    for (const request of [
      {},
      { configFile: tree.path("named.yaml") },
      { env: { MOLECULE_CONFIG: tree.path("named.yaml") } },
    ]) {
      const set = (await load(request)).values().filter(({ origin }) => origin !== "default");
      expect(set.some(({ path }) => path.startsWith(key))).toBe(true);
    }
  });
});

test("applies harmless keys without trust", async () => {
  const harmless = [
    "sources: { registry: registry-pull, local: gitea-local-build }",
    "runtimes: { add: [mine] }",
    "platform: linux/arm64",
    "timeout: 1m",
    "stallAfter: 1m",
    `options: { registry-pull: { tag: v1, pullPolicy: always, pins: { hermes: '${digest("a")}' } } }`,
  ];
  await tree.write({ "home/p/.moleculerc": harmless.join("\n") });
  expect((await load()).options("registry-pull")).toMatchObject({ tag: "v1", pullPolicy: "always" });
});

describe("registry-pull options that the user file sets", () => {
  const pins = (entries: Record<string, string>): string => `pins: ${JSON.stringify(entries)}`;
  const hermes = { hermes: digest("a") };
  test.each<[user: string, project: string, counts: boolean]>([
    ["tag: v1", "tag: v1", true],
    ["tag: v1", "tag: v2", false],
    ["pullPolicy: never", "pullPolicy: always", false],
    ["pullPolicy: never", "tag: v2", true],
    ["pullPolicy: every_6h", "pullPolicy: every_6h", true],
    ["pullPolicy: always", "pullPolicy: { hermes: never }", false],
    ["pullPolicy: { default: always }", "pullPolicy: { hermes: never }", false],
    ["pullPolicy: { hermes: always }", "pullPolicy: { hermes: never }", false],
    ["pullPolicy: { hermes: always }", "pullPolicy: never", false],
    ["pullPolicy: { hermes: always }", "pullPolicy: { hermes: always }", true],
    [pins(hermes), pins(hermes), true],
    [pins(hermes), pins({ hermes: digest("b") }), false],
    [pins(hermes), pins({ codex: digest("b") }), false],
    [pins(hermes), "pins: {}", true],
  ])("user %s, project %s: applied: %s", async (user, project, counts) => {
    const text = (inner: string): string => `options: { registry-pull: { ${inner} } }`;
    await tree.write({
      "home/.config/molecule/config.yaml": text(user),
      "home/p/.moleculerc": text(project),
    });
    const outcome = await load().then(
      () => true,
      (error: unknown) => (error as { code: string }).code,
    );
    expect(outcome).toBe(counts ? true : "CONFIG_UNTRUSTED");
  });
});

test("a file in the home directory found by searching is a project file", async () => {
  await tree.write({ "home/.moleculerc": "cacheDir: /c" });
  await expect(load()).rejects.toMatchObject({ code: "CONFIG_UNTRUSTED" });
});

test("lists every key that needs trust, with the command that accepts them", async () => {
  await tree.write({ "home/p/.moleculerc": "engine: unix:///x\ncacheDir: /c\ntimeout: 1m\n" });
  const error: unknown = await load().catch((caught: unknown) => caught);
  expect((error as Error).message).toMatch(/: engine, cacheDir$/);
  expect((error as { hint: string }).hint).toContain(
    `molecule-image trust ${tree.path("home/p/.moleculerc")}`,
  );
});
