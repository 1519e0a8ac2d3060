import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine, putImage, startRegistry, type Registry } from "@molecule/test-fixtures";
import { openWorld, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "a registry that is down", ({ address }) => {
  let world: World;
  let registry: Registry;
  beforeEach(async () => {
    world = await openWorld(address);
    registry = await startRegistry();
    const repository = `${world.isolation}/workspace-template-hermes`;
    await putImage({ host: registry.host, repository, files: { hello: world.isolation } });
  });
  afterEach(async () => {
    await registry.stop();
    await world.close();
  });

  test("the local image is used with whenRegistryIsDown: last-good, with a warning and marked as stale", async () => {
    const options = "pullPolicy: always, whenRegistryIsDown: last-good";
    const config = await world.write("config.yaml", `options: { registry-pull: { ${options} } }\n`);
    const env = { MOLECULE_IMAGE_REGISTRY: `${registry.host}/${world.isolation}` };
    const image = async (verb: string, ...more: readonly string[]) =>
      (await world.json([verb, "hermes", ...more], env)).answer.results?.[0];
    const pulled = await image("ensure", "--config", config);
    expect(pulled).toMatchObject({ ok: true, image: { cached: false, stale: false } });

    await registry.stop();
    const { status, stdout, stderr } = await world.run(
      ["ensure", "hermes", "--json", "--config", config],
      env,
    );
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const { imageId, reference, digest } = pulled?.image ?? {};
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ ok: true, image: { imageId, reference, digest, cached: true, stale: true } }],
    });
    expect(stderr).toContain("using the last good image, which may be out of date");
    expect(await image("refresh", "--config", config)).toMatchObject({
      error: { code: "SOURCE_UNREACHABLE", source: "registry-pull" },
    });
  });

  test("a project file cannot choose last-good by itself", async () => {
    await world.write(".moleculerc", "options: { registry-pull: { whenRegistryIsDown: last-good } }\n");
    const { status, answer } = await world.json(["ensure", "hermes"], {
      MOLECULE_IMAGE_REGISTRY: registry.host,
    });
    expect([status, answer.error?.code]).toEqual([2, "CONFIG_UNTRUSTED"]);
    expect(answer.error?.message).toContain("options.registry-pull.whenRegistryIsDown");
  });
});
