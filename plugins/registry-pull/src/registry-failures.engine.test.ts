import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { startFakeEngine } from "@molecule/testkit";
import { openSource, untouchableEngine } from "./open-source.test.support.js";

const engineAt = (address: string): ContainerEngine =>
  createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }));

describeWithEngine({ describe, test }, "a registry that provides no image", ({ address }) => {
  let registry: Registry;
  let engine: ContainerEngine;
  const calls: string[] = [];

  beforeAll(async () => {
    registry = await startRegistry();
    const real = engineAt(address);
    engine = {
      ...real,
      buildImage: (request, call) => {
        calls.push("build");
        return real.buildImage(request, call);
      },
    };
  });
  afterAll(async () => {
    // None of these failures may end in a local build.
    expect(calls).toEqual([]);
    await engine.close();
    await registry.stop();
  });

  test("without the image: reports which image is not found", async () => {
    const images = await openSource({ engine, prefix: registry.host });
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(`${registry.host}/workspace-template-hermes:latest`),
      source: "registry-pull",
      step: "pull",
    });
  });

  test("that is down: is unreachable", async () => {
    const images = await openSource({ engine, prefix: "127.0.0.1:1/acme", hurried: true });
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringMatching(
        /127\.0\.0\.1:1\/acme\/workspace-template-hermes:latest.*\(tried \d+ times\)$/,
      ),
    });
  });

  test("that requires a password: denies, with a hint about credentials", async () => {
    const closed = await startRegistry({ htpasswd: { user: "reader", password: "its-password" } });
    const images = await openSource({ engine, prefix: closed.host });
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      hint: expect.stringContaining("credentials"),
    });
    await closed.stop();
  });

  test("that fails once: does not affect the next call", async () => {
    const images = await openSource({ engine, prefix: registry.host });
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });
});

describe("an engine that fails", () => {
  test("that does not exist is reported as such", async () => {
    const images = await openSource({
      engine: engineAt("unix:///nonexistent/d.sock"),
      prefix: "127.0.0.1:1",
    });
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("/nonexistent/d.sock"),
      source: "registry-pull",
    });
  });

  test("whose pull ends without a message and without the image is a mismatch", async () => {
    const fake = await startFakeEngine((request, response) => {
      const isPull = request.method === "POST";
      response.writeHead(isPull ? 200 : 404, { "content-type": "application/json" });
      response.end(isPull ? '{"status":"done"}\n' : '{"message":"No such image"}');
    });
    const engine = engineAt(fake.address);
    const images = await openSource({ engine, prefix: "127.0.0.1:1" });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
    await engine.close();
    await fake.stop();
  });

  test("whose stream contains an error has failed, whatever the status", async () => {
    const fake = await startFakeEngine((request, response) => {
      const isPull = request.method === "POST";
      response.writeHead(isPull ? 200 : 404, { "content-type": "application/json" });
      const error = "filesystem layer verification failed for digest sha256:13ec";
      response.end(
        isPull ? `{"status":"x"}\n${JSON.stringify({ errorDetail: { message: error }, error })}` : "{}",
      );
    });
    const engine = engineAt(fake.address);
    const images = await openSource({ engine, prefix: "127.0.0.1:1" });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH", step: "pull" });
    await engine.close();
    await fake.stop();
  });

  test("is not contacted if the caller has already aborted", async () => {
    const images = await openSource({ engine: untouchableEngine, prefix: "127.0.0.1:1" });
    const left = images.ensure("hermes", { signal: AbortSignal.abort() });
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
