import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine } from "@molecule/core";
import { startFaultProxy, type FaultProxy } from "@molecule/test-fixtures";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { buildRequest, engineAt, failureOf } from "./faulty-engine.test.support.js";

const id = `sha256:${"a".repeat(64)}`;
const image = JSON.stringify({ Id: id, Os: "linux", Architecture: "amd64" }).padEnd(700);
const lines = Array.from({ length: 200 }, () => '{"status":"Working"}\r\n').join("");

let fake: FakeEngine;
let proxy: FaultProxy;
let engine: ContainerEngine;

beforeEach(async () => {
  fake = await startFakeEngine((request, response) => {
    request.resume();
    const isStream = request.url?.startsWith("/build") === true || request.url?.startsWith("/images/create");
    if (request.url === "/containers/create") response.writeHead(201).end('{"Id":"c"}');
    else response.end(isStream === true ? `${lines}{"aux":{"ID":"${id}"}}\r\n` : image);
  });
  proxy = await startFaultProxy({ target: fake.address });
  engine = engineAt(proxy.address, { builder: "classic", silenceMs: 800 });
});
afterEach(async () => {
  await engine.close();
  await proxy.stop();
  await fake.stop();
});

const pull = (): Promise<unknown> =>
  engine.pullImage({ reference: "r.example/a/b:c", platform: defaultPlatform, report: keepReport() });
const build = (): Promise<unknown> => engine.buildImage(buildRequest());
const create = (): Promise<unknown> =>
  engine.createContainer({
    name: undefined,
    imageId: id,
    platform: defaultPlatform,
    env: {},
    args: undefined,
    labels: {},
    autoRemove: false,
  });
const shortRequests: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["a look", () => engine.identify()],
  ["a description", () => engine.describe()],
  ["an inspection", () => engine.inspectImage("x")],
  ["a list", () => engine.listImages({})],
  ["a tag", () => engine.tagImage(id, "a/b:c")],
];
const longRequests: typeof shortRequests = [
  ["a pull", pull],
  ["a build", build],
];

describe("an engine that accepts connections and never responds", () => {
  test.each(shortRequests)("times out after %s", async (_what, request) => {
    proxy.fault({ hang: true });
    const { error, afterMs } = await failureOf(request(), startedNow());
    expect(error).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining(`${proxy.address} has not responded for 0.8 s`),
      transient: null,
    });
    expect(afterMs).toBeLessThan(20_000);
    expect(proxy.requests.length).toBeLessThanOrEqual(2);
    while (proxy.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test("times out in the middle of a response too, also on a kept connection, without a retry", async () => {
    await engine.inspectImage("x");
    proxy.fault({ stall: { after: 60 } });
    expect((await failureOf(engine.inspectImage("x"))).error).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(proxy.requests).toHaveLength(2);
  });

  test("does not time out pulls and builds, which the caller bounds", async () => {
    proxy.fault({ delay: { ms: 1_500 } }, { method: "POST" });
    await pull();
    await build();
    // Work on the engine's disks has a longer timeout.
    await create();
  });

  test("does not time out while the engine keeps sending", async () => {
    proxy.fault({ slow: { bytesPerSecond: 600 } }, { path: /json$/ });
    expect(await engine.inspectImage("x")).toMatchObject({ id });
  });
});

describe("a connection that breaks", () => {
  test.each([...shortRequests, ...longRequests])(
    "before the response to %s is transient",
    async (_what, request) => {
      proxy.fault({ reset: true }, { times: 2 });
      const { error } = await failureOf(request());
      expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: expect.anything() });
      proxy.clear();
      await request();
    },
  );

  test.each([...shortRequests.slice(1, 4), ...longRequests])(
    "in the middle of the response to %s is transient too",
    async (_what, request) => {
      proxy.fault({ cut: { after: 60 } });
      const { error, afterMs } = await failureOf(request(), startedNow());
      expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: expect.anything() });
      expect(afterMs).toBeLessThan(20_000);
      proxy.clear();
      await request();
    },
  );

  test("does not retry creating a container: the first one may exist", async () => {
    proxy.fault({ cut: { after: 0 } });
    const { error } = await failureOf(create());
    expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: null });
    expect(proxy.requests).toHaveLength(1);
  });
});

test.each([...shortRequests, ...longRequests])(
  "%s immediately reports an engine that is not running",
  async (_what, request) => {
    await proxy.refuse();
    const { error, afterMs } = await failureOf(request(), startedNow());
    expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: null });
    expect(error.message).toContain(": no such file or directory (ENOENT)");
    expect(afterMs).toBeLessThan(20_000);
    await proxy.listen();
    await request();
  },
);

test.each([...shortRequests, ...longRequests])(
  "%s reports garbage that is not an engine's response",
  async (_what, request) => {
    proxy.fault({ garbage: "SSH-2.0-OpenSSH_9.2\r\n" });
    expect((await failureOf(request())).error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: null });
  },
);

test.each(longRequests)("rejects an endless line in %s", async (_what, request) => {
  const body = `{"status":"${"x".repeat(10 * 1024 * 1024)}"}\n`;
  proxy.fault({ response: { status: 200, body } }, { method: "POST" });
  expect((await failureOf(request())).error).toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message: expect.stringContaining("a line of more than"),
  });
});

test.each(longRequests)(
  "reports a failure inside a successful response as one of %s",
  async (_what, request) => {
    const body = '{"status":"ok"}\r\n{"errorDetail":{"message":"boom"},"error":"boom"}\r\n';
    proxy.fault({ response: { status: 200, body } }, { method: "POST" });
    expect((await failureOf(request())).error.message).toContain("boom");
  },
);

function startedNow(): () => number {
  const started = performance.now();
  return () => started;
}
