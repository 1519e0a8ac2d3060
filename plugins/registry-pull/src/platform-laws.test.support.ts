import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  parsePlatform,
  type ContainerEngine,
  type EnsuredImage,
  type ImageProvider,
} from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  putImage,
  putIndex,
  startRegistry,
  temporaryDirectory,
  type ImageContent,
  type Registry,
  type StoredIndex,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openSource } from "./open-source.test.support.js";

const amd64 = defaultPlatform;
const arm64 = parsePlatform("linux/arm64");
type Platform = typeof amd64;

/** An engine that uses plain http for the registry at `host`. */
export interface StartedEngine {
  readonly address: string;
  stop(): Promise<void>;
}

/** Laws for the platforms of an index, on every engine and image store. */
export function platformLaws(startEngine: (host: string) => Promise<StartedEngine>): void {
  let started: StartedEngine;
  let engine: ContainerEngine;
  let registry: Registry;
  let directory: TemporaryDirectory;
  const connect = (address: string): ContainerEngine =>
    createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }), {
      fetch,
    });
  beforeAll(async () => {
    registry = await startRegistry();
    started = await startEngine(registry.host);
    directory = await temporaryDirectory();
    engine = connect(started.address);
  });
  afterAll(async () => {
    await engine.close();
    await started.stop();
    await registry.stop();
    await directory.remove();
  });

  let tests = 0;
  let prefix: string;
  beforeEach(() => {
    prefix = `${registry.host}/platforms/test-${String(++tests)}`;
  });
  const repository = (): string => `${prefix.slice(registry.host.length + 1)}/workspace-template-hermes`;

  /** Prints the platform it is published for. Runs everywhere, because the kernel ignores an image's platform. */
  function printer(architecture: string, version: string): ImageContent {
    const { busybox } = helloTemplate();
    if (typeof busybox !== "object" || !("content" in busybox)) throw new TypeError("busybox is missing");
    return {
      architecture,
      files: { "bin/cat": busybox.content, message: `${prefix} ${architecture} ${version}` },
      config: { Cmd: ["/bin/cat", "/message"] },
    };
  }
  const publish = (version = "1", platforms = ["amd64", "arm64"]): Promise<StoredIndex> =>
    putIndex({
      host: registry.host,
      repository: repository(),
      images: platforms.map((architecture) => printer(architecture, version)),
    });
  const open = (platform: Platform, options: unknown = {}, on = engine): Promise<ImageProvider> =>
    openSource({ engine: on, prefix, platform, options, cacheDir: directory.path });

  async function printed({ imageId, platform }: EnsuredImage): Promise<string> {
    const spec = { name: undefined, env: {}, args: undefined, labels: {}, autoRemove: false };
    const { id } = await engine.createContainer({ ...spec, imageId, platform });
    try {
      const output = await engine.attachContainer(id);
      const read = text(output.stdout);
      output.stderr.resume();
      await engine.startContainer(id);
      return await read;
    } finally {
      await engine.removeContainer(id, { force: true });
    }
  }

  async function expectServed(
    platform: Platform,
    digest: string,
    options: object,
    more: object = {},
  ): Promise<EnsuredImage> {
    const image = await (await open(platform, options)).ensure("hermes");
    expect(image).toMatchObject({ platform, digest, ...more });
    const [, architecture = ""] = platform.split("/");
    expect(await printed(image)).toContain(` ${architecture} `);
    return image;
  }

  test("each platform is pulled by tag, whichever was pulled before, and stays", async () => {
    const { digest } = await publish();
    const first = await expectServed(amd64, digest, {}, { cached: false });
    const second = await expectServed(arm64, digest, {}, { cached: false });
    await expectServed(amd64, digest, {}, { cached: true, imageId: first.imageId });
    await expectServed(arm64, digest, {}, { cached: true, imageId: second.imageId });
  });

  test("each platform is pulled by a pin of the index, whichever was pulled before, and stays", async () => {
    const { digest } = await publish();
    await publish("2");
    const options = { pins: { hermes: digest } };
    for (const platform of [arm64, amd64, arm64]) {
      const image = await expectServed(platform, digest, options);
      expect(image.reference).toBe(`${registry.host}/${repository()}@${digest}`);
      expect(await printed(image)).toMatch(/ 1$/);
    }
    await expectServed(amd64, digest, options, { cached: true });
    await expectServed(arm64, digest, options, { cached: true });
  });

  test("a pin of one platform's manifest provides only that platform", async () => {
    const { manifests } = await publish();
    const [ofAmd64, ofArm64] = manifests.map(({ digest }) => digest);
    await expectServed(amd64, ofAmd64 ?? "", { pins: { hermes: ofAmd64 } });
    await expectServed(arm64, ofArm64 ?? "", { pins: { hermes: ofArm64 } });
    await expectServed(amd64, ofAmd64 ?? "", { pins: { hermes: ofAmd64 } }, { cached: true });
    await expect((await open(amd64, { pins: { hermes: ofArm64 } })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining(ofArm64 ?? ""),
    });
  });

  test.each([["by tag"], ["by a pin"]])("every policy provides the platform, %s", async (how) => {
    const { digest } = await publish();
    const options = how === "by tag" ? {} : { pins: { hermes: digest } };
    for (const platform of [amd64, arm64, amd64]) {
      await expectServed(platform, digest, { ...options, pullPolicy: "always" }, { cached: false });
      await expectServed(platform, digest, { ...options, pullPolicy: "never" }, { cached: true });
      await expectServed(platform, digest, { ...options, pullPolicy: "every_6h" }, { cached: true });
      expect(await (await open(platform, options)).plan("hermes")).toMatchObject({
        hit: true,
        platform,
        digest,
      });
      expect(await (await open(platform, options)).refresh("hermes")).toMatchObject({ platform, digest });
    }
  });

  test("a plan for a platform that has not been pulled is a miss", async () => {
    const { digest } = await publish();
    await expectServed(amd64, digest, {});
    expect(await (await open(arm64)).plan("hermes")).toMatchObject({ hit: false, imageId: null });
    await expect((await open(arm64, { pullPolicy: "never" })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining("linux/arm64"),
    });
  });

  test("concurrent calls for two platforms of a tag do not mix them up", async () => {
    const { digest } = await publish();
    const options = { pullPolicy: "always" };
    const platforms = [amd64, arm64, amd64, arm64];
    await Promise.all(platforms.map((platform) => expectServed(platform, digest, options)));
  });

  test("a moved tag provides the new image of each platform", async () => {
    const before = await publish("1");
    for (const platform of [amd64, arm64]) await expectServed(platform, before.digest, {});
    const after = await publish("2");
    for (const platform of [amd64, arm64]) {
      const image = await (await open(platform)).refresh("hermes");
      expect(image).toMatchObject({ platform, digest: after.digest });
      expect(await printed(image)).toMatch(/ 2$/);
      await expectServed(platform, after.digest, {}, { cached: true, imageId: image.imageId });
    }
  });

  test("a tag that moves during the second pull provides one of the two images, with its own digest", async () => {
    const before = await publish("1");
    await expectServed(amd64, before.digest, {});
    let after: StoredIndex | undefined;
    const moving: ContainerEngine = {
      ...engine,
      pullImage: async (request, call) => {
        const pulled = await engine.pullImage(request, call);
        after = await publish("2");
        await engine.pullImage({ ...request, platform: amd64 }, call);
        return pulled;
      },
    };
    const image = await (await open(arm64, {}, moving)).ensure("hermes");
    expect(image).toMatchObject({ platform: arm64, digest: before.digest });
    expect(await printed(image)).toMatch(/ arm64 1$/);
    expect(after?.digest).not.toBe(before.digest);
  });

  test("an index that loses the platform is a mismatch, and the image pulled before is still used", async () => {
    const { digest } = await publish();
    for (const platform of [amd64, arm64]) await expectServed(platform, digest, {});
    const less = await publish("2", ["amd64"]);
    await expect((await open(arm64)).refresh("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
    await expectServed(arm64, digest, {}, { cached: true });
    expect(await (await open(amd64)).refresh("hermes")).toMatchObject({ digest: less.digest });
  });

  test("an image of one platform without an index is a mismatch for another", async () => {
    await putImage({ host: registry.host, repository: repository(), ...printer("arm64", "1") });
    await expect((await open(amd64)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringMatching(/workspace-template-hermes:latest/),
    });
    expect(await (await open(arm64)).ensure("hermes")).toMatchObject({ platform: arm64 });
  });

  test("a local image is used for its own platform only while the registry is down", async () => {
    const { digest } = await publish();
    await expectServed(amd64, digest, {});
    const cut: ContainerEngine = {
      ...engine,
      pullImage: (request, call) =>
        engine.pullImage(
          { ...request, reference: request.reference.replace(registry.host, "127.0.0.1:1") },
          call,
        ),
    };
    expect(await (await open(amd64, {}, cut)).ensure("hermes")).toMatchObject({
      platform: amd64,
      cached: true,
    });
    await expect((await open(arm64, {}, cut)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
  });
}
