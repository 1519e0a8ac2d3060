import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  makeAuthority,
  temporaryDirectory,
  type TemporaryDirectory,
  type TestAuthority,
} from "@molecule/test-fixtures";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

const answer = '{"message":"not found"}';
type Cause = readonly [
  cause: string,
  scheme: "http" | "https",
  isTrusted: boolean,
  start: (authority: TestAuthority) => Promise<Server>,
  message: RegExp,
  hint: RegExp,
];

const over = (options: object) => async (): Promise<Server> =>
  createServer(options, (_request, response) => response.end(answer));
const withCertificate =
  (host: string, validity?: "past" | "future", options: object = {}) =>
  async (authority: TestAuthority): Promise<Server> =>
    createServer({ ...(await authority.issue(host, validity)), ...options }, (_request, response) =>
      response.end(answer),
    );

const causes: readonly Cause[] = [
  ["another host", "https", true, withCertificate("other.example"), /for another host/, /host name/],
  ["expired", "https", true, withCertificate("127.0.0.1", "past"), /has expired/, /Renew.*clock/],
  ["not yet valid", "https", true, withCertificate("127.0.0.1", "future"), /not valid yet/, /clock/],
  [
    "an authority that is not known",
    "https",
    false,
    withCertificate("127.0.0.1"),
    /not signed by a trusted authority/,
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    "a port that serves plain http",
    "https",
    true,
    async () => createHttpServer((_request, response) => response.end(answer)),
    /does not speak TLS/,
    /http:\/\//,
  ],
  [
    "plain http to a port for https",
    "http",
    true,
    withCertificate("127.0.0.1"),
    /ECONNRESET/,
    /use https:\/\//,
  ],
  [
    "a server that does not speak HTTP",
    "http",
    true,
    async () => createTcpServer((socket) => socket.end("SSH-2.0-server\r\n")),
    /is not HTTP/,
    /use https:\/\//,
  ],
  [
    "an old version of TLS",
    "https",
    true,
    withCertificate("127.0.0.1", undefined, {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    }),
    /no TLS version/,
    /TLS 1\.2/,
  ],
  [
    "a client certificate that is required",
    "https",
    true,
    withCertificate("127.0.0.1", undefined, { requestCert: true, rejectUnauthorized: true }),
    /client certificate/,
    /client certificate/,
  ],
  ["no certificate", "https", true, over({}), /no common cipher/, /ciphers/],
];

describe("molecule-image names the cause of a TLS failure", () => {
  let world: World;
  let directory: TemporaryDirectory;
  let authority: TestAuthority;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    directory = await temporaryDirectory();
    authority = await makeAuthority(directory.path);
  });
  afterAll(async () => {
    await world.close();
    await directory.remove();
  });
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test.each(causes)("%s (%s)", async (_cause, scheme, isTrusted, start, message, hint) => {
    const server = await start(authority);
    servers.push(server);
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { status, answer: printed } = await world.json(["plan", "hermes"], {
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: `${scheme}://127.0.0.1:${String(port)}/acme/template-`,
      NODE_EXTRA_CA_CERTS: isTrusted ? authority.file : undefined,
    });
    const error = printed.results?.[0]?.error;
    expect([status, error?.code]).toEqual([3, "SOURCE_UNREACHABLE"]);
    expect(error?.message).toMatch(message);
    expect(error?.hint).toMatch(hint);
    expect(`${error?.message ?? ""}${error?.hint ?? ""}`).not.toContain("\n");
  });
});
