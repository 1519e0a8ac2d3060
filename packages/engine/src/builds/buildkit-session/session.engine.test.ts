import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type BuildRequest, type ContainerEngine } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { contextOf, keepReport } from "../build-context.test.support.js";
import { createDockerEngine } from "../../docker-engine.js";
import { findEngineEndpoint } from "../../connection/find-engine-endpoint.js";

function request(steps: string, more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context: contextOf(steps),
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

describeWithEngine({ describe, test }, "a build session on a real engine", ({ address }) => {
  const canary = "canary/of a+secret";
  const open = new Set<Socket>();
  let directory: string;
  let between: Server;
  let engine: ContainerEngine;

  // A proxy between this process and the engine counts connections.
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "session-"));
    const path = join(directory, "engine.sock");
    between = createServer((socket) => {
      const further = connect(address.replace(/^unix:\/\//, ""));
      open.add(socket);
      for (const [one, other] of [
        [socket, further],
        [further, socket],
      ] as const) {
        one.on("error", () => undefined);
        one.on("close", () => {
          open.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => between.listen(path, resolve));
  });
  beforeEach(() => {
    const env = { DOCKER_HOST: `unix://${join(directory, "engine.sock")}` };
    engine = createDockerEngine(() => findEngineEndpoint({ env, home: "/nonexistent" }), {
      builder: "buildkit",
    });
  });
  afterEach(() => engine.close());
  afterAll(async () => {
    await new Promise((resolve) => between.close(resolve));
    await rm(directory, { recursive: true });
  });
  const until = async (done: () => boolean): Promise<void> => {
    const deadline = performance.now() + 30_000;
    while (!done() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done()).toBe(true);
  };

  test("still responds after the engine's health check", async () => {
    // The engine checks every five seconds and drops a session that does not respond.
    const steps = "RUN /bin/busybox sleep 8\nRUN --mount=type=secret,id=key,required=true true";
    const { imageId } = await engine.buildImage(request(steps, { secrets: { key: Buffer.from(canary) } }));
    await engine.removeImage(imageId);
  });

  test("a secret exists only during its step", async () => {
    const secrets = { key: Buffer.from(canary) };
    const step = `RUN --mount=type=secret,id=key,required=true [ "$(/bin/busybox cat /run/secrets/key)" = "${canary.replace("canary", '"c"anary')}" ] && echo is right`;
    const report = keepReport();
    const { imageId } = await engine.buildImage(
      request(`${step}\nRUN ! /bin/busybox cat /run/secrets/key`, { secrets, report }),
    );
    expect(report.lines.join("\n")).toContain("is right");
    const docker = promisify(execFile);
    const options = {
      env: { PATH: process.env.PATH, DOCKER_HOST: address },
      encoding: "latin1" as const,
      maxBuffer: 2 ** 28,
    };
    const seen = [
      await docker("docker", ["history", "--no-trunc", imageId], options),
      await docker("docker", ["inspect", imageId], options),
      await docker("docker", ["save", imageId], options),
    ].map(({ stdout }) => stdout);
    expect(seen[2]?.length).toBeGreaterThan(100_000);
    for (const text of [...seen, report.lines.join("\n")]) {
      expect(text.includes(canary)).toBe(false);
      expect(text.includes(Buffer.from(canary).toString("base64"))).toBe(false);
    }
    await engine.removeImage(imageId);
  });

  test("a missing secret is named in the error", async () => {
    const building = engine.buildImage(request("RUN --mount=type=secret,id=key,required=true true"));
    await expect(building).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringContaining("secret key not found"),
    });
  });

  test("a build that is cancelled, fails or ends leaves no connection open", async () => {
    const { imageId } = await engine.buildImage(request("RUN echo done"));
    await engine.removeImage(imageId);
    await expect(engine.buildImage(request("RUN exit 3"))).rejects.toMatchObject({ code: "BUILD_FAILED" });
    const leave = new AbortController();
    const report = { ...keepReport(), output: (line: string) => line.startsWith("begun") && leave.abort() };
    const building = engine.buildImage(request("RUN echo begun; /bin/busybox sleep 600", { report }), {
      signal: leave.signal,
    });
    await expect(building).rejects.toMatchObject({ code: "CANCELLED" });
    // The client keeps one connection alive for the next request.
    await until(() => open.size <= 1);
    await engine.close();
    await until(() => open.size === 0);
  });
});
