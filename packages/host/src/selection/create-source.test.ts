import { expect, test } from "@jest/globals";
import { createImageProvider } from "../create-image-provider.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();

const verbs = { resolve: () => 0, find: () => 0, provide: () => 0 };
test.each([
  [undefined, "it is undefined"],
  [7, "it is 7"],
  [{ ...verbs, name: "gitea-local-build", find: undefined }, "find is missing"],
  [{ ...verbs, name: "gitea-local-build", provide: 1 }, "provide is 1"],
  [{ ...verbs, name: "other" }, 'name is "other"'],
  [Promise.resolve(verbs), "it is a promise"],
])("rejects as invalid a plugin whose create returns no source: %p", async (source, shown) => {
  const plugins = [host.plugin("gitea-local-build", { create: () => source as never })];
  await expect(createImageProvider(host.options({ plugins }))).rejects.toMatchObject({
    code: "PLUGIN_INVALID",
    message: expect.stringContaining(shown),
  });
});

test("reports as broken a plugin whose create throws", async () => {
  const create = (): never => {
    throw new RangeError("kaputt");
  };
  const plugins = [host.plugin("gitea-local-build", { create })];
  await expect(createImageProvider(host.options({ plugins }))).rejects.toMatchObject({
    code: "PLUGIN_BROKEN",
    cause: expect.any(RangeError),
  });
});

test("passes a source frozen services, made from the settings", async () => {
  const env = { MOLECULE_IMAGE_PLATFORM: "linux/arm64", MOLECULE_LOCAL_BUILD_CACHE: "/c" };
  await createImageProvider(host.options({ env }));
  const services = host.seen.at(-1)?.services;
  expect(services).toMatchObject({
    env,
    platform: "linux/arm64",
    store: { directory: "/c" },
    registry: { mode: "local" },
  });
  expect(Object.isFrozen(services)).toBe(true);
});
