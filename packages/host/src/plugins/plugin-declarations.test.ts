import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createMask } from "@molecule/core";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";
import { createImageProvider } from "../create-image-provider.js";
import type { HostOptions } from "../contract/host.js";
import { openHost } from "../open-host.js";

let tree: TemporaryTree;

beforeEach(async () => {
  tree = await temporaryTree({ "home/p/": "" });
});
afterEach(() => tree.remove());

const schema = `{ "~standard": { version: 1, vendor: "t", validate: (value) => ({ value }) } }`;

/** Writes a configuration whose source is a plugin with these members, and a source with these methods. */
async function written(members: string, methods = "", file: object = {}): Promise<HostOptions> {
  await tree.write({
    "home/p/acme.mjs": `const verb = () => Promise.reject(new Error("not called"));
      export default { name: "acme", apiVersion: 1, modes: ["local"], options: ${schema}, ${members},
        create: () => ({ name: "acme", resolve: verb, find: verb, provide: verb, ${methods} }) };`,
    "home/p/c.json": JSON.stringify({ plugins: ["./acme.mjs"], sources: { local: "acme" }, ...file }),
  });
  const directory = tree.path("home/p");
  return { cwd: directory, env: {}, home: tree.path("home"), config: `${directory}/c.json` };
}

test.each([
  [
    `capabilities: ["recallable"]`,
    "lastgood: verb",
    "it declares the capability recallable, but has no method lastGood",
  ],
  [
    "version: '1'",
    "diagnose: verb",
    "it has a method diagnose, but does not declare the capability diagnosable",
  ],
])("rejects a plugin with %s whose source has %s", async (members, methods, problem) => {
  await expect(createImageProvider(await written(members, methods))).rejects.toMatchObject({
    code: "PLUGIN_INVALID",
    message: expect.stringContaining(problem),
  });
});

test("a declared variable overrides an option, and its value is shown with its origin", async () => {
  const options = await written(`variables: [{ name: "MOLECULE_ACME_URL", option: "url" }]`, "", {
    options: { acme: { url: "https://file.example" } },
  });
  const host = await openHost({ ...options, env: { MOLECULE_ACME_URL: "https://variable.example" } });
  expect((await host.values()).filter(({ path }) => path === "options.acme.url")).toEqual([
    { path: "options.acme.url", value: "https://variable.example", origin: "variable MOLECULE_ACME_URL" },
  ]);
  await host.close();
});

test("a source gets a declared path as an absolute one, based on the directory of its file", async () => {
  const options = await written("version: '1'", "", {
    options: { acme: { directory: "../archives" } },
  });
  await tree.write({
    "home/p/acme.mjs": `const verb = () => Promise.reject(new Error("not called"));
      export default { name: "acme", apiVersion: 1, modes: ["local"], options: ${schema}, optionPaths: ["directory"],
        create: (options) => ({ name: "acme", find: verb, provide: verb,
          resolve: () => Promise.reject(new Error("reads " + options.directory)) }) };`,
  });
  const images = await createImageProvider({ ...options, cwd: tree.path("home") });
  await expect(images.plan("hermes")).rejects.toMatchObject({
    message: expect.stringContaining(`reads ${tree.path("home/archives")}`),
  });
  await images.close();
});

test("a declared secret is masked, and a declared variable causes no warning", async () => {
  const mask = createMask();
  const warnings: unknown[] = [];
  const noop = (): void => undefined;
  const host = await openHost({
    ...(await written(`variables: [{ name: "MOLECULE_ACME_TOKEN", secret: true }]`)),
    env: { MOLECULE_ACME_TOKEN: "hunter2hunter2", MOLECULE_ACME_TOKE: "x" },
    mask,
    logger: { error: noop, warn: (_message, fields) => warnings.push(fields), info: noop, debug: noop },
  });
  expect(mask.text("the token hunter2hunter2")).toBe("the token ***");
  expect(warnings).toEqual([{ variable: "MOLECULE_ACME_TOKE", likely: "MOLECULE_ACME_TOKEN" }]);
  expect(await host.values()).toContainEqual({
    path: "MOLECULE_ACME_TOKEN",
    value: "***",
    origin: "variable MOLECULE_ACME_TOKEN",
  });
  await host.close();
});

test("a runtime in a declared option must be allowed", async () => {
  const options = await written(`runtimeOptions: [{ option: "models" }]`, "", {
    options: { acme: { models: { hermez: "x" } } },
  });
  await expect(openHost(options)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(
      'options.acme.models.hermez: unknown runtime "hermez" (did you mean "hermes"?)',
    ),
  });
});

test("a value for all runtimes stays as the default of a declared map in a later file", async () => {
  const options = await written(`runtimeOptions: [{ option: "models", hasDefault: true }]`, "", {
    options: { acme: { models: { hermes: "large" } } },
  });
  const user = { options: { acme: { models: "small" } } };
  await tree.write({ "home/.config/molecule/config.json": JSON.stringify(user) });
  const host = await openHost(options);
  expect((await host.values()).filter(({ path }) => path.startsWith("options.acme."))).toMatchObject([
    { path: "options.acme.models.default", value: "small" },
    { path: "options.acme.models.hermes", value: "large" },
  ]);
  await host.close();
});

const recipes = `runtimeOptions: [{ option: "recipes", workingCopy: { path: "dir", replaces: ["url"] } }]`;

test("a working copy of --template is the declared key of the selected source", async () => {
  const options = await written(recipes, "", {
    options: { acme: { recipes: { hermes: { url: "https://h/r", size: 1 } } } },
  });
  const host = await openHost({ ...options, flags: { templates: { hermes: "/here", codex: "/there" } } });
  expect(host.settings.options("acme")).toEqual({
    recipes: { hermes: { size: 1, dir: "/here" }, codex: { dir: "/there" } },
  });
  await host.close();
  const misspelt = openHost({ ...options, flags: { templates: { hermez: "/here" } } });
  await expect(misspelt).rejects.toThrow(
    'flag --template: unknown runtime "hermez" (did you mean "hermes"?); add it to runtimes.add to allow it',
  );
});

test("--template is refused for a source that declares no working copies", async () => {
  const options = await written(`runtimeOptions: [{ option: "recipes" }]`);
  await expect(openHost({ ...options, flags: { templates: { hermes: "/here" } } })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("flag --template: the source acme builds no working copies"),
    hint: expect.stringContaining("omit --template"),
  });
});

test("a variable that a declared option names causes no warning", async () => {
  const warnings: unknown[] = [];
  const noop = (): void => undefined;
  const host = await openHost({
    ...(await written(`optionVariables: ["licence", "keys.*.from"]`, "", {
      options: { acme: { licence: "MOLECULE_ACME_A", keys: { one: { from: "MOLECULE_ACME_B" }, two: 2 } } },
    })),
    env: { MOLECULE_ACME_A: "x", MOLECULE_ACME_B: "x", MOLECULE_ACME_C: "x" },
    logger: { error: noop, warn: (_message, fields) => warnings.push(fields), info: noop, debug: noop },
  });
  expect(warnings).toEqual([{ variable: "MOLECULE_ACME_C" }]);
  await host.close();
});

test("a plugin of a project file cannot free its options from the need for trust", async () => {
  const options = { ...(await written(`harmlessOptions: ["url"]`)), config: undefined };
  const user = { plugins: [tree.path("home/p/acme.mjs")], sources: { local: "acme" } };
  await tree.write({
    "home/.config/molecule/config.json": JSON.stringify(user),
    "home/p/.moleculerc": JSON.stringify({ options: { acme: { url: "https://project.example" } } }),
  });
  await expect(openHost(options)).rejects.toMatchObject({
    code: "CONFIG_UNTRUSTED",
    message: expect.stringContaining("options.acme"),
  });
});
