import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type BuildContext, type BuildRequest, type ContainerEngine } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { contextOf, keepReport } from "./build-context.test.support.js";
import type { Builder } from "./builder.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

function request(context: BuildContext, more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context,
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: true,
    pullBases: false,
    report: keepReport(),
    ...more,
  };
}

describeWithEngine({ describe, test }, "building on a real engine", ({ address }) => {
  test("announces when the classic builder commits a command's layer, and not while the command runs", async () => {
    const engine = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      { builder: "classic" },
    );
    const report = keepReport();
    const silencesAt: Record<string, number> = {};
    const output = (line: string): void => {
      report.output(line);
      silencesAt[line] = report.silences.length;
    };
    const large = "RUN echo begun && head -c 300000000 /dev/zero > /large && echo written";
    const { imageId } = await engine.buildImage(request(contextOf(large), { report: { ...report, output } }));
    const committing = "the builder reports nothing while it commits the layer";
    expect(silencesAt["begun"]).toBe(silencesAt[report.lines.find((line) => line.includes(large)) ?? ""]);
    expect(report.silences.filter((why) => why === committing).length).toBeGreaterThan(0);
    await engine.removeImage(imageId);
    await engine.close();
  });

  describe.each<Builder>(["buildkit", "classic"])("with %s", (builder) => {
    let engine: ContainerEngine;
    beforeAll(() => {
      const find = (): ReturnType<typeof findEngineEndpoint> =>
        findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
      engine = createDockerEngine(find, { builder });
    });
    afterAll(() => engine.close());

    test("returns the ID of an unnamed image with its labels and platform", async () => {
      const report = keepReport();
      const labels = { "molecule.test": builder, quoted: 'a "b" ü' };
      const { imageId } = await engine.buildImage(
        request(contextOf('ARG WHO\nRUN echo "hällo $WHO" && printf "\\033[31mred"'), {
          labels,
          buildArgs: { WHO: "you" },
          report,
        }),
      );
      expect(imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
      const image = await engine.inspectImage(imageId);
      expect(image).toMatchObject({
        id: imageId,
        labels,
        tags: [],
        os: "linux",
        architecture: "amd64",
        taggedAt: null,
      });
      const output = report.lines.join("\n");
      expect(output).toContain("hällo you\n");
      expect(output).toContain("RUN echo");
      expect(output).not.toContain("\u001b");
      expect(output).toContain("\\u001b[31mred");
      expect(report.amounts.at(-1)?.[2]).toBe("steps");
      await engine.removeImage(imageId);
      expect(await engine.inspectImage(imageId)).toBeUndefined();
    });

    test("builds the named target of another Dockerfile", async () => {
      const files = {
        other: "FROM scratch AS one\nCOPY a /a\nLABEL is=one\nFROM one\nLABEL is=two\n",
        a: "a",
      };
      const context = buildContextOf(files, "other");
      const { imageId } = await engine.buildImage(request(context, { target: "one" }));
      expect((await engine.inspectImage(imageId))?.labels).toEqual({ is: "one" });
    });

    test("names the failed step and keeps its last lines", async () => {
      const building = engine.buildImage(request(contextOf("RUN echo before; echo worse >&2; exit 3")));
      await expect(building).rejects.toMatchObject({
        code: "BUILD_FAILED",
        message: expect.stringMatching(/^build failed at "\[[34]\/[34]\] RUN echo before.*": exit code 3$/),
        output: expect.stringContaining("before"),
      });
      await expect(building).rejects.toMatchObject({ output: expect.stringContaining("worse") });
    });

    test.each([
      ["a Dockerfile that cannot be parsed", { Dockerfile: "FRM x\n" }, "unknown instruction: FRM"],
      ["no Dockerfile", { a: "a" }, "Dockerfile"],
      ["a file that is not in the context", { Dockerfile: "FROM scratch\nCOPY nope /\n" }, "nope"],
    ])("reports %s as a failed build", async (_what, files, text) => {
      const building = engine.buildImage(request(buildContextOf(files)));
      await expect(building).rejects.toMatchObject({
        code: "BUILD_FAILED",
        message: expect.stringContaining(text),
      });
    });

    test("reports an unavailable base image as a failed pull", async () => {
      const context = buildContextOf({ Dockerfile: "FROM 127.0.0.1:1/x/y:latest\n" });
      await expect(engine.buildImage(request(context))).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("127.0.0.1:1/x/y:latest"),
      });
    });

    test("does not mistake a command's output for a registry's error", async () => {
      const building = engine.buildImage(request(contextOf("RUN echo 'unauthorized: x'; exit 1")));
      await expect(building).rejects.toMatchObject({ code: "BUILD_FAILED" });
    });

    test("stops immediately when the caller aborts", async () => {
      const leave = new AbortController();
      const context = contextOf("RUN echo begun; /bin/busybox sleep 60");
      const report = { ...keepReport(), output: (line: string) => line.startsWith("begun") && leave.abort() };
      const began = Date.now();
      const building = engine.buildImage(request(context, { report }), { signal: leave.signal });
      await expect(building).rejects.toMatchObject({ code: "CANCELLED" });
      expect(Date.now() - began).toBeLessThan(20_000);
    });

    test("rejects with the context's own error, and leaves its archive closed", async () => {
      const broken = new Error("the disk is gone");
      const files = buildContextOf({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: "a" });
      const stream = new PassThrough();
      const context: BuildContext = {
        ...files,
        open: () => {
          throw broken;
        },
        archive: async (kind) => {
          const archive = await files.archive(kind);
          const [bytes] = (await archive.stream.toArray()) as Buffer[];
          stream.write(bytes?.subarray(0, 512));
          setTimeout(() => stream.destroy(broken), 100);
          return { ...archive, stream };
        },
      };
      await expect(engine.buildImage(request(context))).rejects.toBe(broken);
      expect(stream.destroyed).toBe(builder === "classic");
    });
  });
});
