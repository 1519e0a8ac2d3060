import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { silentReport, type ContainerEngine, type ImageProvider } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { openSource } from "./open-source.test.support.js";
import { publish } from "./publish.test.support.js";

describeWithEngine({ describe, test }, "a pinned image", ({ address }) => {
  let engine: ContainerEngine;
  let registry: Registry;
  let tests = 0;
  let prefix: string;
  let reference: string;
  beforeAll(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    registry = await startRegistry();
  });
  beforeEach(() => {
    prefix = `${registry.host}/pins/test-${String(++tests)}`;
    reference = `${prefix}/workspace-template-hermes:latest`;
  });
  afterAll(async () => {
    await engine.close();
    await registry.stop();
  });

  const pinned = (digest: string, more: object = {}, on = engine): Promise<ImageProvider> =>
    openSource({ engine: on, prefix, options: { pins: { hermes: digest }, ...more } });

  test("is pulled by its digest, without a tag, and stays when the tag moves", async () => {
    const { imageId, digest } = await publish(engine, address, reference);
    const name = `${prefix}/workspace-template-hermes@${digest}`;
    const later = await publish(engine, address, reference);
    const images = await pinned(digest);
    expect(await images.plan("hermes")).toMatchObject({ reference: name, hit: false });
    expect(await images.ensure("hermes")).toMatchObject({ reference: name, imageId, digest, cached: false });
    expect(await images.ensure("hermes")).toMatchObject({ reference: name, imageId, digest, cached: true });
    expect(await images.refresh("hermes")).toMatchObject({ imageId, digest });
    expect(await engine.inspectImage(reference)).toBeUndefined();
    // Another runtime has no pin.
    const other = await publish(engine, address, `${prefix}/workspace-template-codex:latest`);
    expect(await images.ensure("codex")).toMatchObject(other);
    expect(later.digest).not.toBe(digest);
  });

  test("that does not exist is not found, and no tag is used instead", async () => {
    await publish(engine, address, reference);
    await expect((await pinned(`sha256:${"0".repeat(64)}`)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(`@sha256:${"0".repeat(64)}`),
    });
    await expect(
      (await pinned(`sha256:${"0".repeat(64)}`, { pullPolicy: "never" })).ensure("hermes"),
    ).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });

  test("for another platform is a mismatch", async () => {
    const { digest } = await publish(engine, address, reference, "arm64");
    await expect((await pinned(digest)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining("linux/arm64"),
    });
  });

  test("must match the pulled image, whatever the engine reports", async () => {
    const first = await publish(engine, address, reference);
    const second = await publish(engine, address, reference);
    // A faulty engine: it pulls one image and shows it under the name of another.
    const faulty: ContainerEngine = {
      ...engine,
      pullImage: (request, call) =>
        engine.pullImage(
          { ...request, reference: request.reference.replace(first.digest, second.digest) },
          call,
        ),
      inspectImage: (name, call) => engine.inspectImage(name.replace(first.digest, second.digest), call),
    };
    // The image that it shows lacks the digest.
    const images = await pinned(first.digest, { pullPolicy: "always" }, faulty);
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining(first.digest),
    });
  });

  test("returns the pulled image if the tag moves during the pull", async () => {
    const first = await publish(engine, address, reference);
    let moved: { imageId: string; digest: string } | undefined;
    const moving: ContainerEngine = {
      ...engine,
      pullImage: async (request, call) => {
        const answer = await engine.pullImage(request, call);
        // The registry's tag moves, and another process pulls it here before the inspection.
        moved = await publish(engine, address, reference);
        await engine.pullImage({ ...request, report: silentReport }, call);
        return answer;
      },
    };
    const images = await openSource({ engine: moving, prefix });
    expect(await images.ensure("hermes")).toMatchObject(first);
    expect(await engine.inspectImage(reference)).toMatchObject({ id: moved?.imageId });
    expect(moved?.imageId).not.toBe(first.imageId);
  });
});
