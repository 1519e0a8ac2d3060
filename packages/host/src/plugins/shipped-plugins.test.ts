import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { definePlugin, type SourcePlugin } from "@molecule/core";
import { openHost } from "../open-host.js";
import type { Host, HostOptions } from "../contract/host.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
let imported: string[];
let hosts: Host[];

beforeEach(async () => {
  [imported, hosts] = [[], []];
  tree = await temporaryTree({ "home/p/": "" });
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  await tree.remove();
});

function plugin(name: string, version = "1.2.3"): SourcePlugin {
  const never = (): Promise<never> => Promise.reject(new Error("not asked"));
  return definePlugin<unknown>({
    name,
    version,
    apiVersion: 1,
    modes: ["registry", "local"],
    create: () => ({ name, resolve: never, find: never, provide: never }),
  });
}

/** Opens a host, and requests something that needs the source. */
async function provided(options: Partial<HostOptions> = {}): Promise<unknown> {
  return (await open(options)).createProvider();
}

async function open(options: Partial<HostOptions> = {}): Promise<Host> {
  const load = (name: string) => async () => {
    imported.push(name);
    return { default: plugin(name) };
  };
  const names = ["registry-pull", "gitea-local-build", "podman"];
  const host = await openHost({
    cwd: tree.path("home/p"),
    home: tree.path("home"),
    env: {},
    shipped: Object.fromEntries(names.map((name) => [name, load(name)])),
    ...options,
  });
  hosts.push(host);
  return host;
}

test("imports only the selected shipped plugin", async () => {
  const host = await open();
  await host.createProvider();
  expect(imported).toEqual(["gitea-local-build"]);
});

test("needs no trust for a project file that chooses a shipped plugin, and imports only that one", async () => {
  await tree.write({ "home/p/.moleculerc": "sources: { local: podman }\n" });
  const images = await (await open()).createProvider();
  expect(images.selection.source).toBe("podman");
  expect(imported).toEqual(["podman"]);
});

test("imports every plugin once when all sources are requested", async () => {
  const sources = await (await open()).sources();
  expect(sources.map(({ name, version, selected }) => [name, version, selected])).toEqual([
    ["registry-pull", "1.2.3", false],
    ["gitea-local-build", "1.2.3", true],
    ["podman", "1.2.3", false],
  ]);
  expect(imported.sort()).toEqual(["gitea-local-build", "podman", "registry-pull"]);
});

test("a given plugin replaces the shipped one of its name", async () => {
  const host = await open({ plugins: [plugin("gitea-local-build", "mine")] });
  expect(await host.sources()).toContainEqual(
    expect.objectContaining({ name: "gitea-local-build", version: "mine", selected: true }),
  );
  expect(imported).not.toContain("gitea-local-build");
});

test("rejects a configured plugin with the name of a shipped one", async () => {
  await tree.write({
    "home/.config/molecule/config.yaml": "plugins: [./x.mjs]\n",
    "home/.config/molecule/x.mjs":
      'export default { name: "podman", apiVersion: 1, modes: ["local"], create() {} };',
  });
  await expect(provided()).rejects.toMatchObject({
    code: "PLUGIN_INVALID",
    message: expect.stringContaining("built in"),
  });
});

test("does not take an inherited object property for a shipped plugin", async () => {
  await tree.write({ "home/.config/molecule/config.yaml": "sources: { local: constructor }\n" });
  await expect(provided()).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
});

test("reports a plugin that cannot be imported as broken", async () => {
  const shipped = { "gitea-local-build": () => Promise.reject(new RangeError("kaputt")) };
  await expect(provided({ shipped })).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  expect(await (await open({ shipped })).sources()).toMatchObject([{ error: { code: "PLUGIN_BROKEN" } }]);
});

test("runs an image where it is stored: an opened engine, else the configured one, or nowhere", async () => {
  const images = await (await open()).createProvider();
  const facts = {
    reference: "r:1",
    imageId: `sha256:${"a".repeat(64)}`,
    digest: null,
    revision: null,
    platform: "linux/amd64" as never,
    buildKey: null,
  };
  const engine = { kind: "docker", address: "unix:///elsewhere.sock" } as const;
  expect(images.engineOf({ ...facts, engine })).toBe(images.engine);
  expect(await images.imageEngine()).toBe(images.engine);
  expect(() => images.engineOf({ ...facts, engine: null })).toThrow(
    expect.objectContaining({
      code: "CONTAINER_FAILED",
      hint: expect.stringContaining(`podman run ${facts.imageId}`),
    }),
  );
});
