import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, parsePlatform, type ContainerEngine, type Platform } from "@molecule/core";
import {
  describeWithEngine,
  putImage,
  putIndex,
  startRegistry,
  type Registry,
} from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "./build-context.test.support.js";
import type { Builder } from "./builder.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

const arm64 = parsePlatform("linux/arm64");

describeWithEngine({ describe, test }, "bases of another platform", ({ address }) => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  describe.each<Builder>(["buildkit", "classic"])("with %s", (builder) => {
    let engine: ContainerEngine;
    beforeAll(() => {
      const find = (): ReturnType<typeof findEngineEndpoint> =>
        findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
      engine = createDockerEngine(find, { builder });
    });
    afterAll(() => engine.close());

    const build = (
      Dockerfile: string,
      platform: Platform = defaultPlatform,
      pullBases = false,
    ): Promise<{ imageId: string }> =>
      engine.buildImage({
        context: buildContextOf({ Dockerfile, a: `${builder} ${platform}` }),
        platform,
        labels: { test: `foreign-bases-${builder}` },
        target: undefined,
        buildArgs: {},
        noCache: false,
        pullBases,
        plainBases: [...Dockerfile.matchAll(/^(?:FROM (?!--)|ARG BASE=)([^\s$]+)/gm)].map(
          ([, image = ""]) => image,
        ),
        report: keepReport(),
      });
    const ours = async (): Promise<readonly string[]> =>
      (await engine.listImages({ labels: [`test=foreign-bases-${builder}`] })).map(({ id }) => id);
    const onlyArm64 = (name: string): Promise<string> =>
      putImage({
        host: registry.host,
        repository: `bases/${builder}-${name}`,
        architecture: "arm64",
        files: { base: `${builder} ${name}` },
      });

    test("reports a base published only for another platform as a mismatch, cached or not", async () => {
      const base = await onlyArm64("single");
      const before = await ours();
      for (const pullsBases of [false, false, true]) {
        await expect(build(`FROM ${base}\nCOPY a /a\n`, defaultPlatform, pullsBases)).rejects.toMatchObject({
          code: "SOURCE_MISMATCH",
          message: expect.stringContaining(base),
        });
      }
      expect(await ours()).toEqual(before);
      expect(await build(`FROM ${base}\nCOPY a /a\n`, arm64)).toMatchObject({ imageId: expect.any(String) });
    });

    test("accepts a base that a variable names, and reports one for another platform, cached or not", async () => {
      const base = await onlyArm64("variable");
      const Dockerfile = `ARG BASE=${base}\nFROM \${BASE}\nCOPY a /a\n`;
      expect(await build(Dockerfile, arm64)).toMatchObject({ imageId: expect.any(String) });
      for (const pullsBases of [false, true]) {
        await expect(build(Dockerfile, defaultPlatform, pullsBases)).rejects.toMatchObject({
          code: "SOURCE_MISMATCH",
        });
      }
    });

    test("reports the base of an earlier stage too", async () => {
      const base = await onlyArm64("stage");
      await expect(
        build(`FROM ${base} AS first\nCOPY a /a\nFROM scratch\nCOPY --from=first /base /base\nCOPY a /a\n`),
      ).rejects.toMatchObject({ code: "SOURCE_MISMATCH", message: expect.stringContaining(base) });
    });

    test("reports a base whose programs do not run here too", async () => {
      const base = await onlyArm64("running");
      // The kernel does not execute a text file without `#!`.
      await expect(build(`FROM ${base}\nCOPY a /bin/sh\nRUN true\n`)).rejects.toMatchObject({
        code: "SOURCE_MISMATCH",
        message: expect.stringContaining(base),
      });
    });

    test("blames the engine for programs of a platform that is not emulated", async () => {
      await expect(build("FROM scratch\nCOPY a /bin/sh\nRUN true\n")).rejects.toMatchObject({
        code: "ENGINE_UNAVAILABLE",
        message: expect.stringContaining("exec format error"),
        hint: expect.stringContaining("binfmt"),
      });
    });

    test("accepts a base whose platform the template names", async () => {
      const base = await onlyArm64("named");
      const { imageId } = await build(
        `FROM --platform=linux/arm64 ${base} AS first\nFROM scratch\nCOPY --from=first /base /base\n`,
      );
      expect(await engine.inspectImage(imageId, { platform: defaultPlatform })).toMatchObject({
        architecture: "amd64",
      });
    });

    test("takes the right platform of an index, whichever was pulled before, if bases are pulled", async () => {
      const images = ["amd64", "arm64"].map((architecture) => ({
        architecture,
        files: { base: `${builder} ${architecture}` },
      }));
      const repository = `bases/${builder}-index`;
      const { reference } = await putIndex({ host: registry.host, repository, images });
      for (const platform of [defaultPlatform, arm64, defaultPlatform]) {
        const { imageId } = await build(`FROM ${reference}\nCOPY a /a\n`, platform, true);
        const [, architecture] = platform.split("/");
        expect(await engine.inspectImage(imageId, { platform })).toMatchObject({ architecture });
      }
    });
  });
});
