import type { Readable } from "node:stream";
import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  ImageSourceError,
  type BuildContext,
  type BuildRequest,
  type ContainerEngine,
} from "@molecule/core";
import { buildContextOf, startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { keepReport } from "./builds/build-context.test.support.js";
import { createDockerEngine, type DockerEngineOptions } from "./docker-engine.js";
import { findEngineEndpoint } from "./connection/find-engine-endpoint.js";

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

async function facing(handler: RequestListener, options?: DockerEngineOptions): Promise<ContainerEngine> {
  fake = await startFakeEngine(handler);
  return at(fake.address, options);
}

function at(address: string, options?: DockerEngineOptions): ContainerEngine {
  engine = createDockerEngine(
    () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    options,
  );
  return engine;
}

const answering =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };

function buildRequest(more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context: buildContextOf({}),
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    report: keepReport(),
    ...more,
  };
}

const id = `sha256:${"a".repeat(64)}`;
const pull = { reference: "r.example:5000/a/b:c", platform: defaultPlatform };

test("refuses a signal of another type before anything is contacted", async () => {
  const call = { signal: {} as AbortSignal };
  const unreachable = at("unix:///nonexistent/d.sock");
  const calls = [
    unreachable.identify(call),
    unreachable.waitContainer("c0", call),
    unreachable.startContainer("c0", call),
    unreachable.listContainers({}, call),
  ];
  for (const refused of calls)
    await expect(refused).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "`signal` must be an AbortSignal, not an object",
    });
});

describe("an engine that cannot be reached", () => {
  test("is reported with its address and a hint", async () => {
    await expect(at("unix:///nonexistent/d.sock").inspectImage("x")).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("unix:///nonexistent/d.sock"),
      hint: expect.stringContaining("DOCKER_HOST"),
    });
  });

  test("is looked up again on the next call", async () => {
    const found = await startFakeEngine(answering(404, "{}"));
    fake = found;
    let searches = 0;
    const lazy = createDockerEngine(() => {
      searches += 1;
      if (searches === 1) return Promise.reject(new Error("not yet"));
      return findEngineEndpoint({ env: { DOCKER_HOST: found.address }, home: "/nonexistent" });
    });
    expect(searches).toBe(0);
    await expect(lazy.inspectImage("x")).rejects.toThrow("not yet");
    expect(await lazy.inspectImage("x")).toBeUndefined();
    expect(await lazy.inspectImage("x")).toBeUndefined();
    expect(searches).toBe(2);
    await lazy.close();
  });
});

describe("an engine's identity", () => {
  test.each([
    ["Docker/20.10.24 (linux)", "docker"],
    ["Libpod/4.3.1 (linux)", "podman"],
  ])("is read from the responses: %s is %s", async (server, kind) => {
    const asked = await facing(answering(404, "{}", { server }));
    await asked.inspectImage("x");
    expect(await asked.identify()).toEqual({ kind, address: fake?.address });
    expect(fake?.requests).toHaveLength(1);
  });

  test("is requested if no response has revealed it", async () => {
    const asked = await facing(answering(200, "OK", { server: "Libpod/4.3.1 (linux)" }));
    expect(await asked.identify()).toMatchObject({ kind: "podman" });
    expect(fake?.requests.map(({ path }) => path)).toEqual(["/_ping"]);
  });

  test.each([
    ["reports BuildKit", true, { "builder-version": "2" }],
    ["has BuildKit turned off", false, { "builder-version": "1" }],
    ["is Docker 20.10 without a setting", true, {}],
    ["is Docker 19.03 without a setting", false, { "api-version": "1.40" }],
    ["runs Windows containers", false, { ostype: "windows" }],
    ["does not say that it is Docker", false, { server: "nginx" }],
    ["reports no version of its API", false, { "api-version": "" }],
  ])("an engine that %s builds with BuildKit: %s", async (_what, buildkit, headers) => {
    const docker = { server: "Docker/20.10.24 (linux)", ostype: "linux", "api-version": "1.41" };
    const version = { Version: "20.10.24", ApiVersion: "1.41", Os: "linux", Arch: "amd64" };
    const asked = await facing(answering(200, JSON.stringify(version), { ...docker, ...headers }));
    expect(await asked.describe()).toMatchObject({ buildkit });
  });

  test("distinguishes Podman, which has no BuildKit, from Docker", async () => {
    const version = {
      Components: [{ Name: "Podman Engine" }],
      Version: "4.3.1",
      ApiVersion: "1.41",
      Os: "linux",
      Arch: "arm64",
    };
    const asked = await facing(answering(200, JSON.stringify(version), { "builder-version": "2" }));
    expect(await asked.describe()).toMatchObject({
      kind: "podman",
      platform: "linux/arm64",
      buildkit: false,
      version: "4.3.1",
    });
  });
});

describe("an inspection's response", () => {
  test("may omit any field", async () => {
    const body = JSON.stringify({
      Id: "a".repeat(64),
      Config: { Labels: null },
      RepoTags: null,
      Os: "linux",
      Architecture: "amd64",
    });
    expect(await (await facing(answering(200, body))).inspectImage("r:5000/a/b:c")).toEqual({
      id,
      labels: {},
      tags: [],
      digests: [],
      sizeBytes: 0,
      taggedAt: null,
      os: "linux",
      architecture: "amd64",
      variant: "",
    });
  });

  test("that is not JSON, or too long, is an error", async () => {
    await expect((await facing(answering(200, "<html>"))).inspectImage("x")).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
    });
    await fake?.stop();
    await expect(
      (await facing(answering(200, "x".repeat(33 * 1024 * 1024)))).inspectImage("x"),
    ).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
    });
  });

  test.each([
    ["ENGINE_UNAVAILABLE", "something is\nwrong\u001b[31m", "something is / wrong\\u001b[31m"],
    ["STORAGE_UNUSABLE", "write /x: no space left on device", "no space left on device"],
  ])("that refuses is %s, with the engine's text", async (code, message, shown) => {
    const asked = await facing(answering(500, JSON.stringify({ message })));
    await expect(asked.inspectImage("x")).rejects.toMatchObject({
      code,
      message: expect.stringContaining(shown),
    });
  });

  test("that never arrives ends with the caller's own reason", async () => {
    const asked = await facing(() => undefined);
    const reason = new ImageSourceError({ code: "TIMED_OUT", message: "m", hint: "h" });
    const leave = new AbortController();
    setTimeout(() => leave.abort(reason), 50);
    await expect(asked.inspectImage("x", { signal: leave.signal })).rejects.toBe(reason);
    await expect(asked.inspectImage("x", { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  test("is requested again if the kept connection was stale", async () => {
    let responses = 0;
    const asked = await facing((request, response) => {
      responses += 1;
      if (responses === 2) request.socket.destroy();
      else answering(404, "{}")(request, response);
    });
    await asked.inspectImage("x");
    expect(await asked.inspectImage("x")).toBeUndefined();
    expect(responses).toBe(3);
  });
});

test("splits a name from its tag after the port", async () => {
  const asked = await facing(answering(201, ""));
  await asked.tagImage(id, "127.0.0.1:5000/a/b:c");
  const url = new URL(fake?.requests[0]?.path ?? "", "http://e");
  expect(Object.fromEntries(url.searchParams)).toEqual({ repo: "127.0.0.1:5000/a/b", tag: "c" });
  expect(decodeURIComponent(url.pathname)).toBe(`/images/${id}/tag`);
});

test("reports an image in use as a conflict, and ignores an absent one", async () => {
  await expect((await facing(answering(409, '{"message":"in use"}'))).removeImage(id)).rejects.toMatchObject({
    code: "CONTAINER_CONFLICT",
  });
  await fake?.stop();
  await (await facing(answering(404, "{}"))).removeImage(id);
});

describe("a pull", () => {
  test("requests the exact reference, and reports one amount for all layers", async () => {
    const digest = `sha256:${"d".repeat(64)}`;
    const lines = [
      { id: "one", status: "Downloading", progressDetail: { current: 5, total: 10 } },
      { id: "two", status: "Downloading", progressDetail: { current: 1, total: 100 } },
      { id: "one", status: "Download complete", progressDetail: {} },
      { id: "one", status: "Extracting", progressDetail: { current: 1, total: 10 } },
      { status: `Digest: ${digest}` },
      { status: "Status: \u001b[31mnew" },
    ];
    const stream = lines.map((line) => JSON.stringify(line)).join("\r\n");
    const asked = await facing((request, response) => {
      const isPull = request.method === "POST";
      answering(isPull ? 200 : 404, isPull ? stream : "{}")(request, response);
    });
    const report = keepReport();
    expect(await asked.pullImage({ ...pull, report })).toEqual({ digest });
    expect(report.amounts).toEqual([
      [5, 10, "bytes"],
      [6, 110, "bytes"],
      [11, 110, "bytes"],
    ]);
    expect(report.silences).toHaveLength(1);
    expect(report.lines).toEqual(["one: Download complete", `Digest: ${digest}`, "Status: \\u001b[31mnew"]);
    const url = new URL(fake?.requests[0]?.path ?? "", "http://e");
    expect(url.pathname).toBe("/images/create");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      fromImage: "r.example:5000/a/b",
      tag: "c",
      platform: "linux/amd64",
    });
  });

  test("by digest omits the tag", async () => {
    const asked = await facing(answering(200, ""));
    await asked.pullImage({ ...pull, reference: `a/b:c@${id}`, report: keepReport() });
    expect(new URL(fake?.requests[0]?.path ?? "", "http://e").searchParams.get("tag")).toBe(id);
  });

  test("that is cut off or malformed is an error", async () => {
    const cut = await facing((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"status":"a"}\n', () => response.destroy());
    });
    await expect(cut.pullImage({ ...pull, report: keepReport() })).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
    });
    await fake?.stop();
    const junk = await facing(answering(200, "junk\n"));
    await expect(junk.pullImage({ ...pull, report: keepReport() })).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
    });
  });

  test("that stalls ends when the caller aborts", async () => {
    const asked = await facing(
      (_request, response) => void response.writeHead(200).write('{"status":"a"}\n'),
    );
    const pulling = asked.pullImage({ ...pull, report: keepReport() }, { signal: AbortSignal.timeout(300) });
    await expect(pulling).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe.each(["classic", "buildkit"] as const)("a %s build", (builder) => {
  const withSession =
    (build: RequestListener): RequestListener =>
    (request, response) => {
      if (request.url === "/_ping") answering(200, "OK")(request, response);
      else build(request, response);
    };

  test("fails on an engine that does not support it, and leaves no archive open", async () => {
    const asked = await facing(withSession(answering(404, '{"message":"page not found"}')), { builder });
    const context = buildContextOf({});
    const archives: Readable[] = [];
    const archive: BuildContext["archive"] = async (kind) => {
      const made = await context.archive(kind);
      archives.push(made.stream);
      return made;
    };
    await expect(asked.buildImage(buildRequest({ context: { ...context, archive } }))).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringContaining("page not found"),
    });
    expect(archives.map(({ destroyed }) => destroyed)).toEqual(builder === "classic" ? [true] : []);
  });

  test("without a response ends when the caller aborts", async () => {
    const asked = await facing(() => undefined, { builder });
    const building = asked.buildImage(buildRequest(), { signal: AbortSignal.timeout(300) });
    await expect(building).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("does not report an unreachable engine as a failed build", async () => {
    const building = at("unix:///nonexistent/d.sock", { builder }).buildImage(buildRequest());
    await expect(building).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});

describe("a build's response", () => {
  const build = async (body: string, report = keepReport()): Promise<{ readonly imageId: string }> =>
    (await facing(answering(200, body), { builder: "classic" })).buildImage(buildRequest({ report }));

  test("without an image is a failure", async () => {
    await expect(build('{"stream":"Successfully built x\\n"}\n')).rejects.toMatchObject({
      code: "BUILD_FAILED",
    });
  });

  test("with an error after the image is a failure", async () => {
    const text = `{"stream":"Step 1/1 : RUN x"}\n{"aux":{"ID":"${id}"}}\n{"errorDetail":{"code":3,"message":"m"}}`;
    await expect(build(text)).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: 'build failed at "[1/1] RUN x": exit code 3',
    });
  });

  test("does not report a full disk as a failed build", async () => {
    const text =
      '{"stream":"Step 1/1 : RUN x"}\n{"error":"write /var/lib/docker/x: no space left on device"}';
    await expect(build(text)).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });
  });

  test("keeps the last 40 lines, truncated, and reports all of them", async () => {
    const report = keepReport();
    const lines = Array.from({ length: 1000 }, (_, index) =>
      JSON.stringify({ stream: `${String(index)} ${"x".repeat(1000)}\n` }),
    );
    const building = build(`${lines.join("\n")}\n{"error":"m"}`, report);
    await expect(building).rejects.toMatchObject({ output: expect.stringMatching(/^960 x+…\n/) });
    expect(report.lines).toHaveLength(1000);
  });

  test("with a broken trace is rejected", async () => {
    const text = `{"id":"moby.buildkit.trace","aux":"${Buffer.from([0x0a, 0xff]).toString("base64")}"}\n`;
    await expect(build(text)).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});
