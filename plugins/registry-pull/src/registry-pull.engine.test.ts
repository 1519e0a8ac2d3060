import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  parsePlatform,
  platformParts,
  type ContainerEngine,
  type ImageProvider,
  type ProgressEvent,
} from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { loadImage } from "./engine-requests.test.support.js";
import { openSource } from "./open-source.test.support.js";
import { publish as publishImage } from "./publish.test.support.js";

describeWithEngine({ describe, test }, "images of a registry", ({ address }) => {
  let engine: ContainerEngine;
  let registry: Registry;
  let prefix: string;
  let reference: string;

  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    registry = await startRegistry();
  });
  // Each test has its own path, so that none depends on leftovers of another.
  let tests = 0;
  beforeEach(() => {
    prefix = `${registry.host}/acme/test-${String(++tests)}`;
    reference = `${prefix}/workspace-template-hermes:latest`;
  });
  afterAll(async () => {
    await engine.close();
    await registry.stop();
  });

  const publish = (name = reference, architecture = "amd64"): ReturnType<typeof publishImage> =>
    publishImage(engine, address, name, architecture);

  const open = (options?: unknown): Promise<ImageProvider> => openSource({ engine, prefix, options });

  test("pulls a missing image, and returns the exact reference", async () => {
    const { imageId, digest } = await publish();
    const steps: ProgressEvent[] = [];
    const image = await (await open()).ensure("hermes", { onProgress: (event) => steps.push(event) });
    expect(image).toEqual({
      source: "registry-pull",
      reference: `${prefix}/workspace-template-hermes:latest`,
      imageId,
      digest,
      revision: null,
      buildKey: null,
      platform: "linux/amd64",
      engine: { kind: "docker", address },
      cached: false,
      stale: false,
      durationMs: expect.any(Number),
    });
    expect(await engine.inspectImage(reference)).toMatchObject({ id: imageId });
    expect(steps.filter(({ type }) => type === "started").map(({ step }) => step)).toEqual([
      "resolve",
      "find",
      "pull",
    ]);
  });

  test("a plan reports what would be pulled, and pulls nothing", async () => {
    await publish();
    const images = await open();
    expect(await images.plan("hermes")).toMatchObject({
      reference,
      hit: false,
      imageId: null,
      digest: null,
      engine: null,
      why: expect.stringContaining(reference),
    });
    expect(await engine.inspectImage(reference)).toBeUndefined();
    await images.ensure("hermes");
    expect(await images.plan("hermes")).toMatchObject({
      hit: true,
      why: null,
      engine: { kind: "docker", address },
    });
  });

  test("uses a present image without the registry, and keeps its digest", async () => {
    const own = await startRegistry();
    prefix = `${own.host}/acme`;
    const { imageId, digest } = await publish(`${prefix}/workspace-template-hermes:latest`);
    const images = await open();
    await images.ensure("hermes");
    await own.stop();
    expect(await images.ensure("hermes")).toMatchObject({ imageId, digest, cached: true });
    await expect(images.refresh("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      step: "pull",
    });
  });

  test("refresh, but not ensure, notices a moved tag", async () => {
    const first = await publish();
    const images = await open();
    await images.ensure("hermes");
    const second = await publish();
    // Publishing removed the name from the engine; restore it.
    await engine.tagImage(first.imageId, reference);
    expect(await images.ensure("hermes")).toMatchObject({ imageId: first.imageId, cached: true });
    expect(await images.refresh("hermes")).toMatchObject({ ...second, cached: false });
    expect(await images.ensure("hermes")).toMatchObject({ ...second, cached: true });
  });

  test("pulls a configured tag", async () => {
    const name = `${prefix}/workspace-template-hermes:v1.2`;
    const { imageId } = await publish(name);
    expect(await (await open({ tag: "v1.2" })).ensure("hermes")).toMatchObject({ reference: name, imageId });
  });

  test("pullPolicy always contacts the registry even if the image is present", async () => {
    const first = await publish();
    const images = await open({ pullPolicy: "always" });
    expect(await images.ensure("hermes")).toMatchObject({ ...first, cached: false });
    expect(await images.plan("hermes")).toMatchObject({ hit: false, why: "pullPolicy is always" });
    const second = await publish();
    expect(await images.ensure("hermes")).toMatchObject(second);
  });

  test("pullPolicy never uses a present image and pulls nothing", async () => {
    const { imageId } = await publish();
    const images = await open({ pullPolicy: "never" });
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(reference),
      hint: expect.stringContaining("pullPolicy"),
      source: "registry-pull",
    });
    expect(await engine.inspectImage(reference)).toBeUndefined();
    await (await open()).ensure("hermes");
    expect(await images.ensure("hermes")).toMatchObject({ imageId, cached: true });
  });

  test("refresh pulls whatever the policy", async () => {
    const published = await publish();
    expect(await (await open({ pullPolicy: "never" })).refresh("hermes")).toMatchObject(published);
  });

  test("concurrent callers share one pull", async () => {
    const { imageId } = await publish();
    const images = await open();
    const results = await Promise.all(Array.from({ length: 10 }, () => images.ensure("hermes")));
    expect(new Set(results.map((result) => result.imageId))).toEqual(new Set([imageId]));
  });

  test("replaces an image for another platform by the right one", async () => {
    const { imageId } = await publish();
    await loadImage(address, reference, "arm64");
    const images = await open();
    expect(await images.plan("hermes")).toMatchObject({
      hit: false,
      why: expect.stringMatching(/arm64.*amd64/),
    });
    expect(await images.ensure("hermes")).toMatchObject({ imageId, cached: false, platform: "linux/amd64" });
  });

  test("reports both platforms if the registry has only another one", async () => {
    await publish(reference, "arm64");
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      // Docker 26 refuses by itself, and lists them in another order.
      message: expect.stringMatching(/linux\/arm64.*linux\/amd64|linux\/amd64.*linux\/arm64/),
      hint: expect.stringContaining("MOLECULE_IMAGE_PLATFORM"),
    });
  });

  test("pulls the requested platform", async () => {
    const { imageId } = await publish(reference, "arm64");
    const images = await openSource({ engine, prefix, platform: parsePlatform("linux/arm64/v8") });
    expect(await images.ensure("hermes")).toMatchObject({ imageId, platform: "linux/arm64" });
    expect(await images.ensure("hermes")).toMatchObject({ imageId, cached: true });
  });

  test("uses the engine's own platform if none is configured", async () => {
    const { platform } = await engine.describe();
    const { imageId } = await publish(reference, platformParts(platform).architecture);
    const images = await openSource({ engine, prefix, platform: undefined });
    expect(await images.ensure("hermes")).toMatchObject({ imageId, platform });
  });
});
