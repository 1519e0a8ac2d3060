import { expect, test } from "@jest/globals";
import { createImageProvider } from "../create-image-provider.js";
import { openHost } from "../open-host.js";
import { useHost, userFile } from "../use-host.test.support.js";

const host = useHost();

const text = (name: string): string =>
  `export default { name: "${name}", apiVersion: 1, modes: ["local"], version: "4.5.6", create: () => ({ name: "${name}" }) };`;

test("a later given plugin replaces an earlier one of the same name", async () => {
  const plugins = [...host.shipped, host.plugin("gitea-local-build", { version: "mine" })];
  expect(await (await openHost(host.options({ plugins }))).sources()).toEqual([
    expect.objectContaining({ name: "registry-pull", version: null, selected: false, because: null }),
    expect.objectContaining({
      name: "gitea-local-build",
      version: "mine",
      selected: true,
      because: expect.any(String),
    }),
  ]);
});

test("lists configured plugins with version and location, and resolves a bare name from their file", async () => {
  const modules = "home/.config/molecule/node_modules/molecule-source-kaniko";
  await host.tree.write({
    [userFile]: "plugins: [./mine.mjs]\nsources: { local: kaniko }\noptions: { mine: {}, podman: {} }\n",
    "home/.config/molecule/mine.mjs": text("mine"),
    [`${modules}/package.json`]: '{ "exports": "./x.mjs" }',
    [`${modules}/x.mjs`]: text("kaniko"),
  });
  const entries = await (await openHost(host.options())).sources();
  expect(entries.map(({ name }) => name)).toEqual(["registry-pull", "gitea-local-build", "mine", "kaniko"]);
  expect(entries[2]).toMatchObject({
    version: "4.5.6",
    place: host.tree.path("home/.config/molecule/mine.mjs"),
    apiVersion: 1,
    modes: ["local"],
  });
  expect(entries[3]).toMatchObject({ selected: true });
});

test("rejects two plugins of one name, and names both", async () => {
  const place = (file: string): string => `home/.config/molecule/${file}`;
  await host.tree.write({
    [userFile]: "plugins: [./x.mjs, ./y.mjs]",
    [place("x.mjs")]: text("mine"),
    [place("y.mjs")]: text("mine"),
  });
  const opened = await openHost(host.options());
  expect((await opened.sources()).map(({ name, error }) => [name, error?.code])).toEqual([
    ["registry-pull", undefined],
    ["gitea-local-build", undefined],
    ["mine", undefined],
    ["./y.mjs", "PLUGIN_INVALID"],
  ]);
  await expect(opened.createProvider()).rejects.toMatchObject({
    code: "PLUGIN_INVALID",
    message: `two source plugins are named mine: ${host.tree.path(place("x.mjs"))} and ${host.tree.path(place("y.mjs"))}`,
  });
  await host.tree.write({ [userFile]: "plugins: [./z.mjs]", [place("z.mjs")]: text("registry-pull") });
  await expect(createImageProvider(host.options())).rejects.toMatchObject({
    code: "PLUGIN_INVALID",
    message: `two source plugins are named registry-pull: built in and ${host.tree.path(place("z.mjs"))}`,
  });
});

test("loads a plugin once that is named in two ways", async () => {
  await host.tree.write({
    [userFile]: "plugins: [./x.mjs, ./../molecule/x.mjs]",
    "home/.config/molecule/x.mjs": text("mine"),
  });
  const names = (await (await openHost(host.options())).sources()).map(({ name }) => name);
  expect(names).toEqual(["registry-pull", "gitea-local-build", "mine"]);
});
