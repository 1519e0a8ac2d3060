import { once } from "node:events";
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startFakeEngine } from "@molecule/testkit";
import type { FaultProxy } from "./fault-proxy.js";
import { startFaultProxy } from "./start-fault-proxy.js";

let site: Server;
let proxy: FaultProxy;
let heard: { method: string; path: string; body: string }[];

const echo: RequestListener = (incoming, response) => {
  text(incoming).then(
    (body) => {
      heard.push({ method: incoming.method ?? "", path: incoming.url ?? "", body });
      response.setHeader("content-length", "10000");
      response.end("0123456789".repeat(1000));
    },
    () => undefined,
  );
};

beforeEach(async () => {
  heard = [];
  site = createServer(echo);
  await once(site.listen(0, "127.0.0.1"), "listening");
  proxy = await startFaultProxy({
    target: `http://127.0.0.1:${String((site.address() as AddressInfo).port)}/base`,
  });
});
afterEach(async () => {
  await proxy.stop();
  expect(proxy.connections).toBe(0);
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

async function ask({
  method = "GET",
  path = "/",
  body,
  agent,
  signal,
}: Asked = {}): Promise<IncomingMessage> {
  const { hostname, port } = new URL(proxy.address);
  const outgoing = request({
    hostname,
    port,
    method,
    path,
    agent: agent ?? false,
    ...(signal === undefined ? {} : { signal }),
  });
  // The response echoes it.
  outgoing.on("error", () => undefined);
  // Without a length, so it is chunked.
  if (body !== undefined) outgoing.write(body);
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

async function askWhole(asked: Asked = {}): Promise<{ status: number; body: string }> {
  const response = await ask(asked);
  return { status: response.statusCode ?? 0, body: await text(response) };
}

test("without a fault it changes nothing, and keeps the form of the address", async () => {
  expect(proxy.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/base$/);
  const { status, body } = await askWhole({ method: "POST", path: "/x?y", body: "z".repeat(300_000) });
  expect([status, body.length]).toEqual([200, 10_000]);
  expect(heard).toEqual([{ method: "POST", path: "/x?y", body: "z".repeat(300_000) }]);
  expect(proxy.requests).toEqual([{ method: "POST", path: "/x?y" }]);
});

test.each(["https://127.0.0.1:1", "example.com:80", "tcp://10.0.0.1:2375", "127.0.0.1", "/a/path"])(
  "%s is not a valid target",
  async (target) => {
    await expect(startFaultProxy({ target })).rejects.toThrow(TypeError);
  },
);

test("a unix socket stays a unix socket, and leaves no file", async () => {
  const fake = await startFakeEngine((_request, response) => response.end("ok"));
  const before = await startFaultProxy({ target: fake.address });
  expect(before.address).toMatch(/^unix:\/\/\/.*\/d\.sock$/);
  const socketPath = before.address.slice("unix://".length);
  const connected = async (): Promise<string> => {
    const outgoing = request({ socketPath, path: "/_ping", agent: false }).end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    return text(response);
  };
  expect(await connected()).toBe("ok");
  before.fault({ reset: true }, { times: 1 });
  await expect(connected()).rejects.toMatchObject({ code: "ECONNRESET" });
  await before.refuse();
  await expect(connected()).rejects.toMatchObject({ code: "ENOENT" });
  await before.listen();
  expect(await connected()).toBe("ok");
  await before.stop();
  await before.stop();
  await expect(connected()).rejects.toMatchObject({ code: "ENOENT" });
  await fake.stop();
});

describe("a fault", () => {
  test("applies to matching requests as often as planned, in the order of planning", async () => {
    proxy.fault(
      { response: { status: 503, headers: { "retry-after": "7" }, body: "busy" } },
      { times: 2, path: /^\/v2/ },
    );
    proxy.fault({ response: { status: 500 } }, { times: 1, method: "POST" });
    const response = await ask({ path: "/v2/a" });
    expect([response.statusCode, response.headers["retry-after"], await text(response)]).toEqual([
      503,
      "7",
      "busy",
    ]);
    expect((await ask({ path: "/v1" })).statusCode).toBe(200);
    expect((await ask({ path: "/v2/b", method: "POST", body: "x".repeat(1_000_000) })).statusCode).toBe(503);
    expect((await ask({ path: "/v2/b", method: "POST", body: "x" })).statusCode).toBe(500);
    expect((await ask({ path: "/v2/b", method: "POST", body: "x" })).statusCode).toBe(200);
    expect(heard.map(({ path }) => path)).toEqual(["/v1", "/v2/b"]);
  });

  test("applies to later requests of a kept-alive connection, and to no other of its requests", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    proxy.fault({ cut: { after: 500 } }, { path: /^\/third/ });
    await askWhole({ agent, path: "/first", method: "POST", body: "a".repeat(70_000) });
    await askWhole({ agent, path: "/second" });
    await expect(askWhole({ agent, path: "/third" })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(heard.map(({ path }) => path)).toEqual(["/first", "/second", "/third"]);
    agent.destroy();
  });

  test("is forgotten when cleared", async () => {
    proxy.fault({ reset: true });
    await expect(ask()).rejects.toMatchObject({ code: "ECONNRESET" });
    proxy.clear();
    expect((await ask()).statusCode).toBe(200);
  });

  test("hangs, and the target receives nothing", async () => {
    proxy.fault({ hang: true });
    const asking = ask({ signal: AbortSignal.timeout(150), method: "POST", body: "x" });
    await expect(asking).rejects.toMatchObject({ name: "AbortError" });
    expect(heard).toEqual([]);
    await gone();
  });

  test("cuts a request", async () => {
    proxy.fault({ cut: { after: 30_000, of: "request" } });
    await expect(ask({ method: "POST", body: "x".repeat(1_000_000) })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/),
    });
    expect(heard).toEqual([]);
    await gone();
  });

  test("cuts a response before its first byte", async () => {
    proxy.fault({ cut: { after: 0 } });
    await expect(ask()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(heard).toHaveLength(1);
  });

  test("stalls a response after so many bytes", async () => {
    proxy.fault({ stall: { after: 1000 } });
    const response = await ask();
    let bytes = 0;
    response.on("data", (chunk: Buffer) => (bytes += chunk.length));
    while (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(1000);
    expect(response.closed).toBe(false);
    response.destroy();
    await gone();
  });

  test("delays", async () => {
    proxy.fault({ delay: { ms: 200 } });
    const start = performance.now();
    await askWhole();
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  test("slows down", async () => {
    proxy.fault({ slow: { bytesPerSecond: 40_000 } });
    const start = performance.now();
    expect((await askWhole()).body).toHaveLength(10_000);
    expect(performance.now() - start).toBeGreaterThan(200);
  });

  test("responds with garbage", async () => {
    proxy.fault({ garbage: "\u0000what?\r\n\r\n" });
    await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
    expect(heard).toEqual([]);
  });
});

test("a proxy that refuses can be opened again, and keeps open connections", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await askWhole({ agent });
  await proxy.refuse();
  await proxy.refuse();
  await expect(ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect((await askWhole({ agent })).status).toBe(200);
  await proxy.listen();
  await proxy.listen();
  expect((await ask()).statusCode).toBe(200);
  agent.destroy();
});

test("a cut ends every open connection", async () => {
  proxy.fault({ stall: { after: 500 } });
  const responses = await Promise.all([ask(), ask()]);
  const ends = Promise.allSettled(responses.map((response) => buffer(response)));
  proxy.cut();
  const cut = { status: "rejected", reason: { code: "ECONNRESET" } };
  expect(await ends).toMatchObject([cut, cut]);
});

test("fixed responses need no target", async () => {
  const target = proxy.address;
  await proxy.stop();
  proxy = await startFaultProxy({ target });
  await expect(ask()).rejects.toMatchObject({ code: "ECONNRESET" });
  proxy.fault({ response: { status: 429 } });
  expect((await ask()).statusCode).toBe(429);
});

describe("a connection that is not HTTP, or no longer HTTP,", () => {
  test("is upgraded, and passed on both ways", async () => {
    site.on("upgrade", (_request: IncomingMessage, socket: Socket) => {
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      socket.on("data", (said: Buffer) => socket.end(`you said ${said.toString()}`));
    });
    const { hostname, port } = new URL(proxy.address);
    const outgoing = request({
      hostname,
      port,
      method: "POST",
      path: "/attach",
      agent: false,
      headers: { connection: "Upgrade", upgrade: "tcp" },
    }).end();
    const [, socket] = (await once(outgoing, "upgrade")) as [IncomingMessage, Socket];
    socket.write("GET / HTTP/1.1\r\n\r\n");
    expect(await text(socket)).toBe("you said GET / HTTP/1.1\r\n\r\n");
    expect(proxy.requests).toEqual([{ method: "POST", path: "/attach" }]);
  });

  test("is one exchange, for faults that name no request, its half-closes included", async () => {
    const target = createTcpServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
    await once(target.listen(0, "127.0.0.1"), "listening");
    const address = `127.0.0.1:${String((target.address() as AddressInfo).port)}`;
    const before = await startFaultProxy({ target: address });
    const [host = "", port] = before.address.split(":");
    const say = (bytes: string): Promise<string> => {
      const socket = connect({ host, port: Number(port), allowHalfOpen: true });
      socket.end(bytes);
      return text(socket);
    };
    before.fault({ reset: true }, { method: "GET" });
    expect(await say("\u0016\u0003\u0001hello")).toBe("\u0016\u0003\u0001hello");
    expect(await say("GETTING nowhere")).toBe("GETTING nowhere");
    before.fault({ cut: { after: 3 } }, { times: 1 });
    expect(await say("*1234567")).toBe("*12");
    expect(before.requests).toEqual([]);
    await before.stop();
    await new Promise((resolve) => target.close(resolve));
  });
});

/** Resolves when the proxy has no more connections. */
async function gone(): Promise<void> {
  while (proxy.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}
