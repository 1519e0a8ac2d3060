import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine } from "@molecule/core";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

describeWithEngine({ describe, test }, "pulls, names and lists of a real engine", ({ address }) => {
  const find = (): ReturnType<typeof findEngineEndpoint> =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
  let engine: ContainerEngine;
  let registry: Registry;
  let locked: Registry;
  let imageId: string;
  let reference: string;
  let pushed: string | undefined;

  beforeAll(async () => {
    engine = createDockerEngine(find);
    registry = await startRegistry();
    locked = await startRegistry({ htpasswd: { user: "somebody", password: "with-a-password" } });
    reference = `${registry.host}/org/pulled:one`;
    ({ imageId } = await engine.buildImage({
      context: buildContextOf({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: "pulled" }),
      platform: defaultPlatform,
      labels: { "molecule.test": "pull" },
      target: undefined,
      buildArgs: {},
      noCache: true,
      pullBases: false,
      report: keepReport(),
    }));
    await engine.tagImage(imageId, reference);
    pushed = (await engine.pushImage({ reference, report: keepReport() })).digest;
  });
  afterAll(async () => {
    await engine.removeImage(reference);
    await engine.close();
    await registry.stop();
    await locked.stop();
  });

  test("a push reports its layers and bytes", async () => {
    const report = keepReport();
    await engine.pushImage({ reference, report });
    expect(report.lines.join("\n")).toMatch(/Layer already exists|Pushed/);
  });

  test.each<[string, () => string, string]>([
    ["whose registry is down", () => "127.0.0.1:1/org/pushed:one", "SOURCE_UNREACHABLE"],
    ["whose registry denies access", () => `${locked.host}/org/pushed:one`, "SOURCE_DENIED"],
  ])("a failed push %s names the image", async (_what, named, code) => {
    await engine.tagImage(imageId, named());
    await expect(engine.pushImage({ reference: named(), report: keepReport() })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${named()} cannot be pushed`) as unknown,
    });
    await engine.removeImage(named());
  });

  test("pulls an image by tag and by digest, and reports its digest", async () => {
    await engine.removeImage(reference);
    expect(await engine.inspectImage(reference)).toBeUndefined();
    const report = keepReport();
    const { digest } = await engine.pullImage({ reference, platform: defaultPlatform, report });
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(pushed).toBe(digest);
    // The layer may still be in BuildKit's cache.
    expect(report.lines.join("\n")).toMatch(/Pull complete|Already exists/);
    const pinned = `${registry.host}/org/pulled@${String(digest)}`;
    expect(await engine.inspectImage(reference)).toMatchObject({
      id: imageId,
      tags: [reference],
      digests: [pinned],
    });
    await engine.removeImage(reference);
    await engine.removeImage(pinned);
    expect(await engine.pullImage({ reference: pinned, platform: undefined, report })).toEqual({ digest });
    expect(await engine.inspectImage(pinned)).toMatchObject({ id: imageId });
    await engine.pullImage({ reference, platform: undefined, report });
  });

  test.each([
    ["org/pulled:absent", "SOURCE_NOT_FOUND"],
    ["org/absent:one", "SOURCE_NOT_FOUND"],
    [`org/pulled@sha256:${"0".repeat(64)}`, "SOURCE_NOT_FOUND"],
  ])("%s is %s", async (path, code) => {
    const absent = `${registry.host}/${path}`;
    const pulling = engine.pullImage({ reference: absent, platform: undefined, report: keepReport() });
    await expect(pulling).rejects.toMatchObject({ code, message: expect.stringContaining(absent) });
  });

  test("reports a stopped registry as unreachable", async () => {
    const pulling = engine.pullImage({
      reference: "127.0.0.1:1/x/y:z",
      platform: undefined,
      report: keepReport(),
    });
    await expect(pulling).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("reports a registry that requires a password as denied", async () => {
    const closed = await startRegistry({ htpasswd: { user: "reader", password: "its-password" } });
    const pulling = engine.pullImage({
      reference: `${closed.host}/x/y:z`,
      platform: undefined,
      report: keepReport(),
    });
    await expect(pulling).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    await closed.stop();
  });

  test("adds, lists and removes a name", async () => {
    const name = "molecule-engine-test/named:one";
    await engine.tagImage(imageId, name);
    const listed = await engine.listImages({ labels: ["molecule.test=pull"] });
    expect(listed).toEqual([expect.objectContaining({ id: imageId, tags: expect.arrayContaining([name]) })]);
    expect(await engine.listImages({ reference: "molecule-engine-test/*" })).toHaveLength(1);
    expect(await engine.listImages({ labels: ["molecule.test=other"] })).toEqual([]);
    expect((await engine.inspectImage(name))?.taggedAt).toMatch(/^20\d\d-.*Z$/);
    await engine.removeImage(name);
    await engine.removeImage(name);
    expect(await engine.inspectImage(name)).toBeUndefined();
  });

  test("describes the engine", async () => {
    expect(await engine.describe()).toMatchObject({
      kind: "docker",
      address,
      platform: expect.stringMatching(/^linux\//),
    });
  });

  test.each(["finished", "left"])(
    "a process whose build was %s exits, whatever its environment",
    async (how) => {
      const files = { Dockerfile: "FROM scratch\nCOPY a /a\n", a: how };
      // Uses the built package in a separate process, because the test loader would keep this one alive.
      const script = `
      import { buildContextOf } from ${distOf("testkit")};
      import { createDockerEngine } from ${distOf("engine")};
      const engine = createDockerEngine({ kind: "unix", address: "a", socketPath: ${JSON.stringify(address.slice("unix://".length))} });
      const leave = new AbortController();
      const report = { amount() {}, quiet() {}, output() { if (${String(how === "left")}) leave.abort(); } };
      const context = buildContextOf(${JSON.stringify(files)});
      const request = { context, platform: "linux/amd64", labels: {}, buildArgs: {}, noCache: true, pullBases: false, report };
      await engine.buildImage(request, { signal: leave.signal }).then(() => console.log("finished"), (error) => console.log(error.code));
      console.log(typeof (await engine.identify()).kind);
    `;
      const env = {
        PATH: "/usr/bin:/bin",
        DOCKER_HOST: "tcp://127.0.0.1:1",
        DOCKER_CERT_PATH: "/nonexistent",
        DOCKER_TLS_VERIFY: "1",
      };
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env, timeout: 60_000 });
      const output: string[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(output.join("")).toBe(`${how === "left" ? "CANCELLED" : "finished"}\nstring\n`);
      expect(code).toBe(0);
    },
  );
});

function distOf(name: string): string {
  return JSON.stringify(new URL(`../../../${name}/dist/index.js`, import.meta.url).href);
}
