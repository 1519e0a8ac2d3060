import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parseCommitSha, silentLog, silentReport, type Env } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";

/*
 * git behind a proxy, with host names that only the proxy knows: anything that bypasses it fails.
 */

let root: string;
let forge: Forge;
let sha: string;
let close: () => Promise<void>;
let port: number;
let seen: IncomingMessage[];
/** The status with which the proxy refuses everything. */
let refusal: number | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "proxy-"));
  forge = await startForge();
  sha = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
  seen = [];
  refusal = undefined;
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("request", (request, response) => {
    seen.push(request);
    if (refusal !== undefined) {
      response.writeHead(refusal, { "proxy-authenticate": "Basic realm=x" }).end();
      return;
    }
    const { pathname, search } = new URL(request.url ?? "");
    const headers = new Map(Object.entries(request.headers));
    headers.delete("proxy-authorization");
    headers.set("connection", "close");
    const up = connect(Number(new URL(forge.baseUrl).port), "127.0.0.1", () => {
      const lines = [...headers].map(([name, value]) => `${name}: ${String(value)}`);
      up.write(`${request.method ?? ""} ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      request.pipe(up, { end: false });
    });
    up.on("error", () => undefined);
    response.socket?.on("close", () => up.destroy());
    if (response.socket) up.pipe(response.socket);
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    seen.push(request);
    socket.end(`HTTP/1.1 ${String(refusal ?? 502)} No\r\nproxy-authenticate: Basic realm=x\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
});

afterEach(async () => {
  await close();
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

const place = (): string => `127.0.0.1:${String(port)}`;

async function fetchedFrom(url: string, env: Env): Promise<string> {
  const checkout = await checkOut({
    remote: { url, branch: "main", authorization: undefined, tokenVariable: "MOLECULE_GITEA_TOKEN" },
    commit: parseCommitSha(sha),
    store: createStore({ directory: join(root, "cache"), env: {} }),
    name: `hermes/${sha.slice(0, 12)}`,
    env: { PATH: process.env["PATH"], ...env },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
  });
  return checkout.files();
}

const unknownName = (): string =>
  `${forge.repoPrefix().replace("127.0.0.1", "forge.example.test")}hermes.git`;

test.each<[string, (proxy: string) => Env]>([
  ["unchanged", (proxy) => ({ HTTP_PROXY: `http://me:pa55word@${proxy}` })],
  ["without a scheme", (proxy) => ({ HTTP_PROXY: `me:pa55word@${proxy}` })],
  ["with a trailing line break", (proxy) => ({ HTTP_PROXY: `http://me:pa55word@${proxy}\r\n` })],
  [
    "with exceptions for other hosts",
    (proxy) => ({ http_proxy: `me:pa55word@${proxy}`, NO_PROXY: "forge.example" }),
  ],
])("git goes through the proxy, and its password is in no file: %s", async (_what, env) => {
  const directory = await fetchedFrom(unknownName(), env(place()));
  expect(await readdir(directory)).toContain("Dockerfile");
  expect(seen[0]?.url).toContain("http://forge.example.test:");
  expect(seen[0]?.headers["proxy-authorization"]).toBe(
    `Basic ${Buffer.from("me:pa55word").toString("base64")}`,
  );
  expect(await readFile(join(directory, ".git/config"), "utf8")).not.toContain("pa55word");
});

test.each([
  ["50%off", "50%off"],
  ["p%40ss", "p@ss"],
  ["", ""],
])("a password written as %j is sent as %j", async (written, sent) => {
  await fetchedFrom(unknownName(), { HTTP_PROXY: `http://me:${written}@${place()}` });
  expect(seen[0]?.headers["proxy-authorization"]).toBe(
    `Basic ${Buffer.from(`me:${sent}`).toString("base64")}`,
  );
});

test("a user without a password has an empty password, and git does not prompt", async () => {
  await fetchedFrom(unknownName(), { HTTP_PROXY: `http://me@${place()}` });
  expect(seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${Buffer.from("me:").toString("base64")}`);
});

test.each(["*.example.test", "*, localhost", "forge.example.test:PORT", ".example.test", "EXAMPLE.TEST."])(
  "NO_PROXY=%s sends git to the host directly",
  async (NO_PROXY) => {
    const env = {
      HTTP_PROXY: `http://${place()}`,
      NO_PROXY: NO_PROXY.replace("PORT", new URL(forge.baseUrl).port),
    };
    await expect(fetchedFrom(unknownName(), env)).rejects.toThrow(
      "Could not resolve host: forge.example.test",
    );
    expect(seen).toEqual([]);
  },
);

test("a port other than that in NO_PROXY goes through the proxy", async () => {
  await fetchedFrom(unknownName(), { HTTP_PROXY: `http://${place()}`, NO_PROXY: "forge.example.test:1" });
  expect(seen.length).toBeGreaterThan(0);
});

test("loopback is contacted directly, whatever the proxy", async () => {
  await fetchedFrom(`${forge.repoPrefix()}hermes.git`, { HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "" });
  expect(seen).toEqual([]);
});

const secure = "https://forge.example.test/acme/hermes.git";

test.each([
  [407, "requires a user and a password (407)"],
  [403, "refused the connection with status 403"],
  [502, "refused the connection with status 502"],
])("names a proxy that refuses a tunnel with %d", async (status, words) => {
  refusal = status;
  const failed = fetchedFrom(secure, { HTTPS_PROXY: `http://me:pa55word@${place()}` });
  await expect(failed).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  await expect(failed).rejects.toThrow(`the proxy http://***@${place()} ${words}`);
});

test.each(["", "me:pa55word@"])("names a proxy that refuses the user %j for http", async (user) => {
  refusal = 407;
  const failed = fetchedFrom(unknownName(), { HTTP_PROXY: `http://${user}${place()}` });
  await expect(failed).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
    hint: expect.stringContaining("HTTP_PROXY") as unknown,
  });
  await expect(failed).rejects.toThrow("requires a user and a password (407)");
});

test.each([
  ["127.0.0.1:1", "ECONNREFUSED", {}],
  ["nosuch.invalid:3128", "ENOTFOUND", null],
])("names the proxy %s if it is unreachable", async (down, why, transient) => {
  for (const url of [secure, unknownName()]) {
    const failed = fetchedFrom(url, { HTTPS_PROXY: `u:p@${down}`, HTTP_PROXY: `u:p@${down}` });
    await expect(failed).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", transient });
    await expect(failed).rejects.toThrow(`the proxy http://***@${down} cannot be reached: ${why}`);
  }
});

test("rejects an unsupported kind of proxy before git runs", async () => {
  const failed = fetchedFrom(secure, { HTTPS_PROXY: "socks5://me:pa55word@127.0.0.1:1080" });
  await expect(failed).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(failed).rejects.toThrow("HTTPS_PROXY");
});
