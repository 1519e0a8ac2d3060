import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type BuildContext, defaultPlatform, type ContainerEngine } from "@molecule/core";
import {
  describeWithEngine,
  mountSmallDisk,
  startPrivateEngine,
  startRegistry,
  type PrivateEngine,
  type SmallDisk,
} from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { contextOf, keepReport } from "./build-context.test.support.js";
import { buildRequest, engineAt, failureOf } from "../connection/faulty-engine.test.support.js";

const large = "x".repeat(40 * 1024 * 1024);

// A separate engine with its own storage.
describeWithEngine({ describe, test }, "an engine whose disk is full", () => {
  let disk: SmallDisk;
  let daemon: PrivateEngine;

  beforeEach(async () => {
    disk = await mountSmallDisk(32);
    daemon = await startPrivateEngine({ parentDirectory: disk.path });
  });
  afterEach(async () => {
    await daemon.stop();
    await disk.remove();
  });

  async function expectFull(work: Promise<unknown>): Promise<void> {
    const { error } = await failureOf(work);
    expect(error).toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringContaining(daemon.address),
      transient: null,
    });
  }

  describe.each(["classic", "buildkit"] as const)("with %s", (builder) => {
    const labels = { "molecule.test": "full" };
    test.each<[string, () => BuildContext]>([
      ["with the context", () => contextOf("RUN echo", { large })],
      ["by a command", () => contextOf("RUN /bin/busybox dd if=/dev/zero of=/big bs=1M count=40")],
    ])("reports a disk filled by a build (%s), and builds once there is room", async (_how, context) => {
      const engine = engineAt(daemon.address, { builder });
      await expectFull(engine.buildImage(buildRequest({ context: context(), labels })));
      expect(await engine.listImages({ labels: ["molecule.test=full"] })).toEqual([]);
      await disk.resize(256);
      const { imageId } = await engine.buildImage(buildRequest({ context: context(), labels }));
      expect(await engine.inspectImage(imageId)).toMatchObject({ labels });
      await engine.close();
    });
  });

  test("reports a disk filled by a pull, and pulls once there is room", async () => {
    const registry = await startRegistry();
    const engine = engineAt(daemon.address);
    const reference = `${registry.host}/org/large:one`;
    await disk.resize(256);
    const context = buildContextOf({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: large });
    const { imageId } = await engine.buildImage(buildRequest({ context }));
    await engine.tagImage(imageId, reference);
    await engine.pushImage({ reference, report: keepReport() });
    await engine.removeImage(reference);
    await engine.removeImage(imageId);
    await daemon.stop();
    await disk.resize(32);
    daemon = await startPrivateEngine({ parentDirectory: disk.path });

    const again: ContainerEngine = engineAt(daemon.address);
    const pull = (): Promise<unknown> =>
      again.pullImage({ reference, platform: defaultPlatform, report: keepReport() });
    await expectFull(pull());
    expect(await again.inspectImage(reference)).toBeUndefined();
    await disk.resize(256);
    await pull();
    expect(await again.inspectImage(reference)).toMatchObject({ id: imageId });
    await Promise.all([engine.close(), again.close(), registry.stop()]);
  });
});
