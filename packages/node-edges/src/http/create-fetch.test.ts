import { afterEach, describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { readFile } from "node:fs/promises";
import tls from "node:tls";
import { promisify } from "node:util";
import { type Env } from "@molecule/core";
import { boundedGet } from "./bounded-get.js";
import { configuredProxy } from "./env-proxy.js";
import { createFetch, type ClosableFetch } from "./create-fetch.js";
import { HttpProxyAgent, HttpsProxyAgent } from "./proxy-agent.js";
import { temporaryTree } from "@molecule/test-fixtures";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listen(http.createServer(listener));

function open(env: Env = {}): ClosableFetch {
  const opened = createFetch(env);
  ends.push(() => {
    opened.close();
  });
  return opened;
}

async function text(opened: ClosableFetch, url: string): Promise<{ status: number; body: string }> {
  const signal = AbortSignal.timeout(10_000);
  return boundedGet(opened.fetch, url, { maxBytes: 1000, deadlineMs: 10_000, signal });
}

/** Starts a proxy that connects every name to this machine, and records the requests. */
async function proxy(
  options: { refuse?: number; to?: number } = {},
): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    response.end(`proxied ${String(request.url)}`);
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    requests.push(request);
    if (options.refuse !== undefined) {
      socket.end(`HTTP/1.1 ${String(options.refuse)} No\r\n\r\n`);
      return;
    }
    const up = connect(options.to ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(up).pipe(socket);
    });
    for (const end of [socket, up]) end.on("error", () => void (socket.destroy(), up.destroy()));
    ends.push(() => void (socket.destroy(), up.destroy()));
  });
  return { port: await listen(server), requests };
}

/** Creates a certificate for the name `forge.example`. */
async function certificate(): Promise<{ key: string; cert: string; file: string }> {
  const tree = await temporaryTree();
  ends.push(() => tree.remove());
  const [key, cert] = [tree.path("key.pem"), tree.path("cert.pem")];
  const subject = ["-subj", "/CN=forge.example", "-addext", "subjectAltName=DNS:forge.example,IP:127.0.0.1"];
  await promisify(execFile)("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    "-days",
    "2",
    ...subject,
  ]);
  return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8"), file: cert };
}

test("connections are kept alive and reused, and closed at the end", async () => {
  const sockets = new Set<Socket>();
  const port = await serve((request, response) => {
    sockets.add(request.socket);
    response.end("ok");
  });
  const opened = open();
  for (let round = 0; round < 3; round += 1) {
    expect(await text(opened, `http://127.0.0.1:${String(port)}/`)).toMatchObject({
      status: 200,
      body: "ok",
    });
  }
  expect(sockets.size).toBe(1);
  const [socket] = sockets;
  const closed = new Promise((resolve) => socket?.once("close", resolve));
  opened.close();
  await closed;
});

test("an abort ends a request that hangs", async () => {
  const stop = new AbortController();
  const port = await serve(() => {
    stop.abort(new Error("enough"));
  });
  await expect(
    open().fetch(`http://127.0.0.1:${String(port)}/`, { signal: stop.signal }),
  ).rejects.toMatchObject({ name: "AbortError" });
});

test.each<[string, (response: ServerResponse) => unknown]>([
  ["before the answer", (response) => response.destroy()],
  [
    "inside the answer",
    (response) => response.writeHead(200, { "content-length": "9" }).write("x", () => response.destroy()),
  ],
  [
    "inside an answer without a length",
    (response) => response.writeHead(200).write("x", () => response.destroy()),
  ],
])(
  "a connection that breaks %s is transient, and so is a refused one; an unknown host is not",
  async (_when, breaks) => {
    const port = await serve((_request, response) => breaks(response));
    const failed = { code: "SOURCE_UNREACHABLE", transient: expect.anything() };
    await expect(text(open(), `http://127.0.0.1:${String(port)}/`)).rejects.toMatchObject(failed);
    await expect(text(open(), "http://127.0.0.1:1/")).rejects.toMatchObject(failed);
    const unknown = text(open(), "http://nosuch.invalid/");
    await expect(unknown).rejects.toMatchObject({ ...failed, transient: null });
  },
);

describe("through a proxy", () => {
  test("http requests use the absolute URL, with the proxy's credentials", async () => {
    const { port, requests } = await proxy();
    const opened = open({ HTTP_PROXY: `http://user:p%40ss@127.0.0.1:${String(port)}` });
    expect((await text(opened, "http://forge.example:81/api?x=1")).body).toBe(
      "proxied http://forge.example:81/api?x=1",
    );
    expect((await text(opened, "http://other.example/")).body).toBe("proxied http://other.example/");
    expect(requests[0]?.headers).toMatchObject({
      host: "forge.example:81",
      "proxy-authorization": `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
    });
  });

  test("loopback is not proxied", async () => {
    const { port, requests } = await proxy();
    const direct = await serve((_request, response) => response.end("direct"));
    const opened = open({ HTTP_PROXY: `http://127.0.0.1:${String(port)}` });
    expect((await text(opened, `http://127.0.0.1:${String(direct)}/`)).body).toBe("direct");
    expect(requests).toEqual([]);
  });

  test("https uses a tunnel: the proxy does not see the headers, and the certificate is verified", async () => {
    const { key, cert, file } = await certificate();
    const server = https.createServer({ key, cert }, (request, response) =>
      response.end(`secure ${String(request.headers.authorization)}`),
    );
    const { port, requests } = await proxy({ to: await listen(server) });
    const env = { HTTPS_PROXY: `http://user:pass@127.0.0.1:${String(port)}` };
    const opened = open({ ...env, NODE_EXTRA_CA_CERTS: file });
    const signal = AbortSignal.timeout(10_000);
    const request = { maxBytes: 1000, deadlineMs: 10_000, signal, headers: { authorization: "token t" } };
    expect((await boundedGet(opened.fetch, "https://forge.example/", request)).body).toBe("secure token t");
    expect((await boundedGet(opened.fetch, "https://forge.example/", request)).body).toBe("secure token t");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: "CONNECT", url: "forge.example:443" });
    expect(requests[0]?.headers).toEqual({
      host: "forge.example:443",
      connection: expect.anything() as unknown,
      "proxy-authorization": `Basic ${Buffer.from("user:pass").toString("base64")}`,
    });
    await expect(text(open(env), "https://forge.example/")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
  });

  test.each([
    [407, "requires a user and a password (407)", null],
    [403, "refused the connection with status 403", null],
    [502, "refused the connection with status 502", {}],
  ])("a tunnel refused with %d is the proxy's failure", async (refuse, message, transient) => {
    const { port } = await proxy({ refuse });
    const place = `127.0.0.1:${String(port)}`;
    const refused = text(open({ HTTPS_PROXY: `http://u:hunter22@${place}` }), "https://forge.example/");
    await expect(refused).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", transient });
    await expect(refused).rejects.toThrow(`the proxy http://***@${place} ${message}`);
    await expect(refused).rejects.not.toThrow("hunter22");
  });

  test("a 407 from an http proxy is not attributed to the forge", async () => {
    const port = await serve((_request, response) => response.writeHead(407).end("who are you"));
    const HTTP_PROXY = `http://127.0.0.1:${String(port)}`;
    const refused = text(open({ HTTP_PROXY }), "http://forge.example/");
    await expect(refused).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining(`the proxy ${HTTP_PROXY} requires a user and a password`) as unknown,
      hint: "Set HTTP_PROXY to http://USER:PASSWORD@HOST:PORT.",
    });
  });

  test.each(["http", "https"])("%s: names a proxy that is down or unknown", async (scheme) => {
    for (const [place, why, transient] of [
      ["127.0.0.1:1", "ECONNREFUSED", {}],
      ["nosuch.invalid:3128", "ENOTFOUND", null],
    ] as const) {
      const env = { HTTPS_PROXY: `u:p@${place}`, HTTP_PROXY: `u:p@${place}` };
      const down = text(open(env), `${scheme}://forge.example/`);
      await expect(down).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", transient });
      await expect(down).rejects.toThrow(`the proxy http://***@${place} cannot be reached: ${why}`);
    }
  });

  test("a password with a raw percent sign is sent as written", async () => {
    const { port, requests } = await proxy();
    await text(open({ HTTP_PROXY: `http://u:50%off@127.0.0.1:${String(port)}\n` }), "http://forge.example/");
    expect(requests[0]?.headers["proxy-authorization"]).toBe(
      `Basic ${Buffer.from("u:50%off").toString("base64")}`,
    );
  });

  test.each([
    ["http", HttpProxyAgent],
    ["https", HttpsProxyAgent],
  ] as const)("%s: supports a proxy that speaks TLS itself", async (protocol, Agent) => {
    const { key, cert } = await certificate();
    const target = await listen(
      https.createServer({ key, cert }, (_request, response) => response.end("inner")),
    );
    const inner = await proxy({ to: target });
    const front = tls.createServer({ key, cert }, (socket) => {
      const up = connect(inner.port, "127.0.0.1");
      socket.pipe(up).pipe(socket);
      for (const end of [socket, up]) end.on("error", () => void (socket.destroy(), up.destroy()));
      ends.push(() => void (socket.destroy(), up.destroy()));
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    ends.push(() => void front.close());
    const HTTP_PROXY = `https://127.0.0.1:${String((front.address() as AddressInfo).port)}`;
    const url = configuredProxy({ HTTP_PROXY }, "http:");
    if (url === undefined) throw new Error("no proxy");
    const agent = new Agent(url, { ca: cert });
    ends.push(() => {
      agent.destroy();
    });
    const body = await new Promise<string>((resolve, reject) => {
      const module = protocol === "http" ? http : https;
      module
        .get(`${protocol}://forge.example/`, { agent }, (answer) => {
          void answer.toArray().then((parts) => {
            resolve(parts.join(""));
          }, reject);
        })
        .on("error", reject);
    });
    expect(body).toBe(protocol === "http" ? "proxied http://forge.example/" : "inner");
  });
});

test("lookups trust the certificate authorities of the system, as git does", async () => {
  const { key, cert } = await certificate();
  const port = await listen(
    https.createServer({ key, cert }, (_request, response) => response.end("secure")),
  );
  const url = `https://127.0.0.1:${String(port)}/`;
  const opened = createFetch({}, async () => cert);
  ends.push(() => {
    opened.close();
  });
  expect((await text(opened, url)).body).toBe("secure");
  expect((await text(opened, url)).body).toBe("secure");
  await expect(text(open(), url)).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
    hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") as unknown,
  });
});

test("names an unreadable certificate file", async () => {
  const { fetch } = open({ NODE_EXTRA_CA_CERTS: "/nowhere.pem" });
  await expect(fetch("https://127.0.0.1:1/", {})).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("/nowhere.pem") as unknown,
  });
});

test("idle connections do not keep the process alive, and the environment of the process is ignored", async () => {
  const keepAliveTimeout = 300_000;
  const port = await listen(
    http.createServer({ keepAliveTimeout }, (_request, response) => response.end("ok")),
  );
  const dist = new URL("../../dist/http/create-fetch.js", import.meta.url).href;
  const script = `const { createFetch } = await import(${JSON.stringify(dist)});
    const answer = await createFetch({}).fetch("http://127.0.0.1:${String(port)}/", {});
    for await (const part of answer.body) process.stdout.write(part);`;
  const env = { PATH: process.env["PATH"], HTTP_PROXY: "http://127.0.0.1:1" };
  // The server keeps idle connections for five minutes; a process that waited for that would be killed.
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env,
    timeout: 30_000,
  });
  expect(stdout).toBe("ok");
});
