import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";
import type { HostOptions } from "../contract/host.js";
import { openHost } from "../open-host.js";
import { pluginAtHand, pluginsAtHand } from "../plugins/plugins-at-hand.test.support.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";
import type { Settings } from "./settings.js";

const podman = { ...pluginAtHand("podman"), ...shippedManifests.find(({ name }) => name === "podman") };
let tree: TemporaryTree;
beforeEach(async () => {
  tree = await temporaryTree({ "home/p/.git/": "" });
});
afterEach(() => tree.remove());

async function load(
  templates: Readonly<Record<string, string>>,
  request: Partial<HostOptions> = {},
): Promise<Settings> {
  const host = await openHost({
    cwd: tree.path("home/p"),
    env: {},
    home: tree.path("home"),
    plugins: [...pluginsAtHand, podman],
    flags: { templates },
    ...request,
  });
  await host.close();
  return host.settings;
}

test("a working copy of the flag is an option of the selected source", async () => {
  const settings = await load({ hermes: "/here" });
  expect(settings.options("gitea-local-build")).toEqual({ templates: { hermes: { path: "/here" } } });
  expect(settings.originOf("options", "gitea-local-build", "templates", "hermes", "path")).toBe(
    "flag --template",
  );
  await tree.write({ "home/.config/molecule/config.yaml": "sources: { local: podman }\n" });
  expect((await load({ hermes: "/here" })).options("podman")).toEqual({
    templates: { hermes: { path: "/here" } },
  });
});

test("it replaces where the files say that the template is, and nothing else", async () => {
  await tree.write({
    "home/.config/molecule/config.yaml":
      "options: { gitea-local-build: { templates: { hermes: { repo: 'https://h/a/b', forge: git, branch: x, target: dev }, codex: { path: c } } } }\n",
  });
  const settings = await load({ hermes: "/here" });
  expect(settings.options("gitea-local-build")).toEqual({
    templates: { hermes: { target: "dev", path: "/here" }, codex: { path: "c" } },
  });
  expect(settings.values().filter(({ path }) => path.includes("hermes"))).toMatchObject([
    { path: expect.stringMatching(/target$/) },
    { path: expect.stringMatching(/path$/), origin: "flag --template" },
  ]);
});

test("an unknown runtime is reported with the closest name", async () => {
  await expect(load({ hermess: "/here" })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining('flag --template: unknown runtime "hermess" (did you mean "hermes"?)'),
    hint: expect.stringContaining("`runtimes.add`"),
  });
  await tree.write({ "home/.config/molecule/config.yaml": "runtimes: { add: [hermess] }\n" });
  expect((await load({ hermess: "/here" })).options("gitea-local-build")).toBeDefined();
});

test("where images are pulled, the flag is reported instead of ignored", async () => {
  const env = { MOLECULE_IMAGE_REGISTRY: "ghcr.io/acme" };
  await expect(load({ hermes: "/here" }, { env })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("MOLECULE_IMAGE_REGISTRY"),
    hint: expect.not.stringContaining("schema"),
  });
});
