import { expect, test } from "@jest/globals";
import type { Env } from "@molecule/core";
import { createImageProvider } from "../create-image-provider.js";
import { openHost } from "../open-host.js";
import { useHost, userFile } from "../use-host.test.support.js";

const host = useHost();

test.each<[Env, string, string]>([
  [{}, "gitea-local-build", "local"],
  [{ MOLECULE_IMAGE_REGISTRY: "" }, "gitea-local-build", "local"],
  [{ MOLECULE_IMAGE_REGISTRY: "r.example/acme" }, "registry-pull", "registry"],
])("%j selects %s", async (env, source, mode) => {
  const images = await createImageProvider(host.options({ env }));
  expect(images.selection).toMatchObject({ source, mode });
  expect(await images.ensure("hermes")).toMatchObject({
    source,
    reference: `${source}:latest`,
    cached: true,
  });
  await images.close();
});

test("the selection states the variable and the setting that chose the source", async () => {
  await host.tree.write({ [userFile]: "sources: { local: mine }\n" });
  const { selection } = await openHost(host.options({ plugins: [...host.shipped, host.plugin("mine")] }));
  expect(selection.because).toContain("MOLECULE_IMAGE_REGISTRY is not set");
  expect(selection.because).toContain(host.tree.path(userFile));
});

test("opens the host with an invalid registry, and rejects when an image is requested", async () => {
  const opened = await openHost(host.options({ env: { MOLECULE_IMAGE_REGISTRY: " http://x/@ " } }));
  expect(opened.settings.values().length).toBeGreaterThan(0);
  expect((await opened.sources()).find(({ selected }) => selected)?.name).toBe("registry-pull");
  const images = await opened.createProvider();
  await expect(images.ensure("no-such-runtime")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await images.close();
});

test("rejects a source that does not serve the mode", async () => {
  const plugins = [host.plugin("gitea-local-build", { modes: ["registry"] })];
  await expect(createImageProvider(host.options({ plugins }))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("rejects a source without a plugin when an image is requested, and never substitutes another", async () => {
  const plugins = [host.plugin("registry-pull")];
  const opened = await openHost(host.options({ plugins }));
  expect((await opened.sources()).some(({ selected }) => selected)).toBe(false);
  await expect(opened.createProvider()).rejects.toMatchObject({
    code: "PLUGIN_NOT_FOUND",
    hint: "Pass it in `plugins`: the default export of @molecule/source-gitea-local-build.",
  });
  await opened.close();
});
