import { expect, test } from "@jest/globals";
import type { ImageSourceError } from "@molecule/core";
import { createImageProvider } from "../create-image-provider.js";
import { diagnose } from "../diagnose.js";
import type { InlineSettings } from "./inline-settings.js";
import { openHost } from "../open-host.js";
import { useHost, userFile } from "../use-host.test.support.js";
import { configSchema } from "./config-schema.js";

const host = useHost();
const projectFile = "home/p/.moleculerc";

test("replace the project file, and are trusted", async () => {
  // Untrusted, and invalid too: it is not read at all.
  await host.tree.write({ [projectFile]: "cacheDir: /elsewhere\nnonsense: 1\n" });
  const settings: InlineSettings = {
    sources: { local: "mine" },
    cacheDir: "cache",
    timeout: { default: "2m" },
  };
  const opened = await openHost(host.options({ settings, plugins: [...host.shipped, host.plugin("mine")] }));
  expect(opened.selection).toMatchObject({ source: "mine", because: expect.stringContaining("(settings)") });
  expect(opened.settings).toMatchObject({
    cacheDir: host.tree.path("home/p/cache"),
    timeoutMs: { default: 120_000 },
  });
  await opened.close();
});

test("take precedence over the user file, and variables over them", async () => {
  await host.tree.write({ [userFile]: "timeout: 1m\nstallAfter: 2m\nplatform: linux/386\n" });
  const settings = { timeout: "3m", platform: "linux/arm64" };
  const env = { MOLECULE_CONFIG: "/no/such/file", MOLECULE_IMAGE_PLATFORM: "linux/s390x" };
  const opened = await openHost(host.options({ settings, env }));
  expect(opened.settings).toMatchObject({
    timeoutMs: 180_000,
    stallAfterMs: 120_000,
    platform: "linux/s390x",
  });
  expect(opened.settings.originOf("timeout")).toBe("settings");
  await opened.close();
});

test("with a member that is undefined leave the value below", async () => {
  const opened = await openHost(host.options({ settings: { platform: undefined, timeout: undefined } }));
  expect(opened.settings).toMatchObject({ platform: "linux/amd64", timeoutMs: 1_800_000 });
  await opened.close();
});

test("can name plugins by paths, which are relative to the working directory", async () => {
  await host.tree.write({
    "home/p/tools/mine.mjs":
      "export default { name: 'mine', apiVersion: 1, modes: ['local'], create: () => ({ name: 'mine', resolve() {}, find() {}, provide() {} }) };\n",
  });
  const settings = { plugins: ["./tools/mine.mjs"], sources: { local: "mine" } };
  const images = await createImageProvider(host.options({ settings }));
  expect(images.selection.source).toBe("mine");
  await images.close();
});

test.each([{ plugins: ["acme"] }, { plugins: ["./acme.mjs"] }, { sources: { local: "acme" } }])(
  "name a plugin that does not exist: %j",
  async (settings) => {
    const failure: unknown = await createImageProvider(host.options({ settings })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "PLUGIN_NOT_FOUND", message: expect.stringContaining("settings") });
    const { message, hint } = failure as ImageSourceError;
    expect(message).not.toContain("(settings)");
    expect(hint).toContain(`Install it in ${host.tree.path("home/p")}, or correct the name`);
  },
);

test.each<[unknown, string]>([
  [{ timeuot: "1m" }, 'settings: timeuot: unknown key (did you mean "timeout"?)'],
  [{ timeout: 5 }, "settings: timeout: must be text"],
  [[], "settings: must be a map"],
  [null, "settings: must be a map"],
  [{ options: { mine: { size: () => 1 } } }, "settings: must be data that JSON can hold"],
  [{ options: { mine: { size: 1n } } }, "settings: must be data that JSON can hold"],
  [JSON.parse('{"__proto__":{}}'), "settings: the key __proto__ is not allowed"],
])("%p are refused", async (settings, message) => {
  await expect(openHost(host.options({ settings: settings as InlineSettings }))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(message),
    hint: expect.not.stringContaining("variable or flag"),
  });
});

test("that are invalid are a finding, and the other checks run without them", async () => {
  const findings = await diagnose(host.options({ settings: { platform: "mars" } }));
  const configuration = findings.find(({ id }) => id === "configuration");
  expect(configuration).toMatchObject({ ok: false, message: expect.stringContaining("settings: platform") });
  expect(findings.length).toBeGreaterThan(1);
});

test("config: false reads no file at all", async () => {
  await host.tree.write({ [projectFile]: "nonsense: 1\n", [userFile]: "nonsense: 1\n" });
  const opened = await openHost(
    host.options({ config: false, env: { MOLECULE_CONFIG: "/no/such/file" }, settings: { timeout: "5m" } }),
  );
  expect(opened.settings).toMatchObject({ timeoutMs: 300_000 });
  await opened.close();
});

test("have a type with every key of the file", () => {
  const keys: Record<keyof InlineSettings, true> = {
    sources: true,
    plugins: true,
    runtimes: true,
    platform: true,
    timeout: true,
    stallAfter: true,
    cacheDir: true,
    engine: true,
    options: true,
  };
  expect(["$schema", ...Object.keys(keys)].sort()).toEqual(Object.keys(configSchema.entries).sort());
});
