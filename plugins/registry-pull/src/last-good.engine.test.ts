import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { parsePlatform, type ContainerEngine, type ImageProvider, type Platform } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startRegistry,
  temporaryDirectory,
  type Registry,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { openSource } from "./open-source.test.support.js";
import { publish } from "./publish.test.support.js";

const day = 86_400_000;

describeWithEngine({ describe, test }, "a registry that is down", ({ address }) => {
  let engine: ContainerEngine;
  let registry: Registry;
  let directory: TemporaryDirectory;
  let prefix: string;
  let reference: string;
  let published: { readonly imageId: string; readonly digest: string };
  let now: number;
  let tests = 0;
  beforeAll(() => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
  });
  afterAll(() => engine.close());
  beforeEach(async () => {
    registry = await startRegistry();
    directory = await temporaryDirectory();
    prefix = `${registry.host}/last-good-${String(++tests)}`;
    reference = `${prefix}/workspace-template-hermes:latest`;
    published = await publish(engine, address, reference);
    now = Date.UTC(2026, 10, 29);
  });
  afterEach(async () => {
    await registry.stop();
    await directory.remove();
  });

  const open = (options: object, platform?: Platform): Promise<ImageProvider> =>
    openSource({
      ...{ engine, prefix, cacheDir: join(directory.path, "cache"), wallMs: () => now, hurried: true },
      options: { whenRegistryIsDown: "last-good", ...options },
      ...(platform === undefined ? {} : { platform }),
    });

  test.each(["always", "every_6h"])(
    "with %s and last-good, the image that was pulled is used, marked as stale; a refresh fails",
    async (pullPolicy) => {
      const images = await open({ pullPolicy });
      expect(await images.ensure("hermes")).toMatchObject({ ...published, cached: false, stale: false });
      await registry.stop();
      now += day;
      expect(await images.ensure("hermes")).toMatchObject({
        ...published,
        reference,
        cached: true,
        stale: true,
      });
      // The registry is asked again by the next call.
      expect(await images.plan("hermes")).toMatchObject({ hit: false });
      await expect(images.refresh("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
      await images.close();
    },
  );

  test("by default, and with fail, the registry's error stands", async () => {
    await (await open({})).ensure("hermes");
    await registry.stop();
    for (const options of [{ whenRegistryIsDown: undefined }, { whenRegistryIsDown: "fail" }]) {
      const images = await open({ pullPolicy: "always", ...options });
      await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    }
  });

  test("a pin never falls back, even if the pinned image is present", async () => {
    const pinned = await open({ pullPolicy: "always", pins: { hermes: published.digest } });
    expect(await pinned.ensure("hermes")).toMatchObject(published);
    await registry.stop();
    await expect(pinned.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("without an image, or with one for another platform, the registry's error stands", async () => {
    const images = await open({ pullPolicy: "always" });
    await registry.stop();
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });

    registry = await startRegistry({ port: Number(registry.host.split(":")[1]) });
    await publish(engine, address, reference);
    await images.ensure("hermes");
    await registry.stop();
    const foreign = await open({ pullPolicy: "always" }, parsePlatform("linux/arm64"));
    await expect(foreign.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    expect(await images.ensure("hermes")).toMatchObject({ stale: true });
  });

  test("a registry that has responded is not down: a tag that was removed is reported", async () => {
    const images = await open({ pullPolicy: "always" });
    await images.ensure("hermes");
    const port = Number(registry.host.split(":")[1]);
    await registry.stop();
    registry = await startRegistry({ port });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });
});
