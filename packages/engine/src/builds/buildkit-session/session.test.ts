import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { createServer, connect as connectSocket, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { RegistryCredential } from "@molecule/core";
import { buildContextOf } from "@molecule/testkit";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";
import { grpcFrames } from "./grpc-frame.js";
import { serveGrpc } from "./serve-grpc.js";
import { sessionMethods, type SessionHandlers } from "./session-methods.js";

interface Reply {
  readonly status: string;
  readonly text: string;
  readonly message: Buffer | undefined;
}

const opened: { server: Server; client: ClientHttp2Session }[] = [];
afterEach(async () => {
  for (const { server, client } of opened.splice(0)) {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Acts as an engine: an HTTP/2 client on a connection that the other side has opened. */
async function session(handlers: Partial<SessionHandlers> = {}): Promise<ClientHttp2Session> {
  const methods = sessionMethods({
    credential: async () => undefined,
    secrets: {},
    context: buildContextOf({}),
    ...handlers,
  });
  const server = createServer((socket) => {
    serveGrpc(socket, methods);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect("http://session", { createConnection: () => connectSocket(port, "127.0.0.1") });
  client.on("error", () => undefined);
  opened.push({ server, client });
  return client;
}

function call(client: ClientHttp2Session, path: string, body: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = client.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    for (const event of ["response", "trailers"] as const)
      stream.on(event, (headers: IncomingHttpHeaders) => (head = { ...head, ...headers }));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      const whole = Buffer.concat(chunks);
      resolve({
        status: String(head["grpc-status"] ?? "reset"),
        text: decodeURIComponent(String(head["grpc-message"] ?? "")),
        message: whole.length === 0 ? undefined : whole.subarray(5),
      });
    });
    stream.end(body);
  });
}

const credentials = "/moby.filesync.v1.Auth/Credentials";
const getSecret = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const requestOf = (text: string): Buffer => grpcFrames(protobufMessage([[1, text]]));
const fields = ({ message }: Reply): (readonly [number, string])[] =>
  Array.from(protobufFields(message ?? Buffer.alloc(0)), ({ number, bytes }) => [
    number,
    Buffer.from(bytes).toString(),
  ]);

test("reports that it is healthy", async () => {
  const reply = await call(await session(), "/grpc.health.v1.Health/Check", requestOf(""));
  expect(reply.status).toBe("0");
  expect(Array.from(protobufFields(reply.message ?? Buffer.alloc(0)))).toMatchObject([
    { number: 1, amount: 1 },
  ]);
});

test("returns the credentials of the requested host only", async () => {
  const registries: string[] = [];
  const credential = async (registry: string): Promise<RegistryCredential | undefined> => {
    registries.push(registry);
    if (registry === "docker.io") return { from: "a test", identityToken: "a token of Docker Hub" };
    return registry === "h:5000" ? { from: "a test", username: "me", password: "pass wörd" } : undefined;
  };
  const client = await session({ credential });
  expect(fields(await call(client, credentials, requestOf("h:5000")))).toEqual([
    [1, "me"],
    [2, "pass wörd"],
  ]);
  // An empty user name makes BuildKit treat the password as an identity token.
  expect(fields(await call(client, credentials, requestOf("registry-1.docker.io")))).toEqual([
    [2, "a token of Docker Hub"],
  ]);
  expect(await call(client, credentials, requestOf("h"))).toMatchObject({
    status: "0",
    message: Buffer.alloc(0),
  });
  expect(registries).toEqual(["h:5000", "docker.io", "h"]);
});

test("does not send the error text of a failing credential lookup", async () => {
  const credential = () => Promise.reject(new Error("the password is hunter22"));
  const reply = await call(await session({ credential }), credentials, requestOf("h"));
  expect(reply).toMatchObject({ status: "13", text: "internal error", message: undefined });
});

test("returns secrets with arbitrary bytes, and reports missing ones as not found", async () => {
  const value = Buffer.from([0, 1, 255, 10, ...Buffer.alloc(100_000, 7)]);
  const client = await session({ secrets: { key: value } });
  const { message } = await call(client, getSecret, requestOf("key"));
  expect(Array.from(protobufFields(message ?? Buffer.alloc(0)))).toMatchObject([{ number: 1, bytes: value }]);
  for (const id of ["other", "", "constructor", "__proto__"])
    expect(await call(client, getSecret, requestOf(id))).toMatchObject({ status: "5", message: undefined });
});

test("reports token methods and unknown methods as unimplemented", async () => {
  const client = await session();
  for (const path of [
    "/moby.filesync.v1.Auth/FetchToken",
    "/moby.filesync.v1.Auth/GetTokenAuthority",
    "/moby.filesync.v1.Auth/VerifyTokenAuthority",
    "/toString",
  ])
    expect(await call(client, path, requestOf("h"))).toMatchObject({ status: "12", message: undefined });
});

test.each([
  ["no message", Buffer.alloc(0), "3"],
  ["half a message", requestOf("a longer name").subarray(0, 9), "3"],
  ["two messages", Buffer.concat([requestOf("a"), requestOf("b")]), "3"],
  ["a compressed message", Buffer.from([1, 0, 0, 0, 0]), "12"],
  ["an endless message", Buffer.alloc(200_000), "reset"],
  ["bytes that are not a message", grpcFrames(Buffer.from([255, 255])), "13"],
])("rejects %s and keeps the session open", async (_what, body, status) => {
  const client = await session();
  expect(await call(client, credentials, body)).toMatchObject({ status, message: undefined });
  expect(await call(client, credentials, requestOf("h"))).toMatchObject({ status: "0" });
});
