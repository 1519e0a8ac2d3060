import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { parsePlatform, silentReport, type ContainerEngine, type ImageProvider } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithPodman,
  startPrivatePodman,
  startRegistry,
  temporaryDirectory,
  type PrivatePodman,
  type Registry,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { imageArchive } from "@molecule/testkit";
import { openSource } from "./open-source.test.support.js";

/** Podman reports no digest in the stream of a pull, and failures after status 200. */
describeWithPodman({ describe, test, beforeAll, afterAll }, "images of a registry, with Podman", () => {
  let podman: PrivatePodman;
  let registry: Registry;
  let engine: ContainerEngine;
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    registry = await startRegistry();
    podman = await startPrivatePodman({ insecureRegistries: [registry.host] });
    directory = await temporaryDirectory();
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: podman.address }, home: "/nonexistent" }),
    );
  });
  afterAll(async () => {
    await engine.close();
    await podman.stop();
    await registry.stop();
    await directory.remove();
  });

  let tests = 0;
  let prefix: string;
  let reference: string;
  beforeEach(() => {
    prefix = `${registry.host}/podman/test-${String(++tests)}`;
    reference = `${prefix}/workspace-template-hermes:latest`;
  });

  /** Publishes a unique image; returns its ID and its digest in the registry. */
  async function publish(
    content: string,
    architecture?: string,
  ): Promise<{ imageId: string; digest: string }> {
    const archive = imageArchive({
      files: { "etc/who": `${prefix} ${content}` },
      tags: [reference],
      ...(architecture === undefined ? {} : { architecture }),
    });
    await engine.loadImage({ archive: Readable.from([archive.bytes]), report: silentReport });
    await engine.pushImage({ reference, report: silentReport });
    const { id } = (await engine.inspectImage(reference)) ?? { id: "" };
    await engine.removeImage(reference);
    const url = `http://${registry.host}/v2/${reference.slice(registry.host.length + 1, -":latest".length)}`;
    const accept =
      "application/vnd.docker.distribution.manifest.v2+json,application/vnd.oci.image.manifest.v1+json";
    const head = await fetch(`${url}/manifests/latest`, { method: "HEAD", headers: { accept } });
    return { imageId: id, digest: head.headers.get("docker-content-digest") ?? "" };
  }
  const open = (options: unknown = {}): Promise<ImageProvider> =>
    openSource({ engine, prefix, options, cacheDir: directory.path });

  test("this process asks the registry for Podman, which cannot", async () => {
    const asking = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: podman.address }, home: "/nonexistent" }),
      { fetch },
    );
    await expect(asking.askRegistry(reference)).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    const { digest } = await publish("asked");
    expect(await asking.askRegistry(reference)).toEqual({ digest });
    expect(await engine.askRegistry(reference)).toBeUndefined();
    await asking.close();
  });

  test("a pull and a hit return the registry's digest", async () => {
    const published = await publish("one");
    const images = await open();
    expect(await images.ensure("hermes")).toMatchObject({ ...published, cached: false, reference });
    expect(await images.ensure("hermes")).toMatchObject({ ...published, cached: true });
    const second = await publish("two");
    expect(await images.refresh("hermes")).toMatchObject(second);
  });

  test("pulls a pin by its digest, and does not find another one", async () => {
    const first = await publish("one");
    await publish("two");
    const images = await open({ pins: { hermes: first.digest } });
    const name = `${prefix}/workspace-template-hermes@${first.digest}`;
    expect(await images.ensure("hermes")).toMatchObject({ ...first, reference: name, cached: false });
    expect(await images.ensure("hermes")).toMatchObject({ ...first, reference: name, cached: true });
    const absent = await open({ pins: { hermes: `sha256:${"0".repeat(64)}` } });
    await expect(absent.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });

  test("every_6h pulls once", async () => {
    const first = await publish("one");
    const images = await open({ pullPolicy: "every_6h" });
    expect(await images.ensure("hermes")).toMatchObject({ ...first, cached: false });
    await publish("two");
    // Publishing removed the name from the engine; restore it.
    await engine.pullImage({
      reference: `${prefix}/workspace-template-hermes@${first.digest}`,
      platform: undefined,
      report: silentReport,
    });
    await engine.tagImage(first.imageId, reference);
    expect(await images.ensure("hermes")).toMatchObject({ ...first, cached: true });
  });

  test("reports both platforms of a mismatch", async () => {
    await publish("arm", "arm64");
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringMatching(/linux\/arm64.*linux\/amd64/),
    });
    const images = await openSource({ engine, prefix, platform: parsePlatform("linux/arm64") });
    expect(await images.ensure("hermes")).toMatchObject({ platform: "linux/arm64" });
  });

  test("distinguishes a missing image from a registry that is down", async () => {
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    const down = await openSource({ engine, prefix: "127.0.0.1:1/acme", hurried: true });
    await expect(down.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });
});
