import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { temporaryDirectory } from "@molecule/testkit/internal";
import { makeSigningKey } from "../signing-key.js";
import { pushFaults } from "./push-faults.js";
import type { AskedPart, RegistryDoor, RegistryFault } from "./registry-fault.js";
import { registryFaults } from "./registry-faults.js";
import { plain, registryError, typed, type RegistryReply } from "../registry-reply.js";
import { servedImage, type ServedImage, type ServedPart } from "./served-image.js";

/** A registry that fails on purpose. Each repository fails in its own way. */
export interface FailingRegistry {
  /**
   * Returns the reference of an image that cannot be pulled.
   * @param fault a name of {@link registryFaults}
   * @param name distinguishes it from others with the same fault
   */
  reference(fault: string, name: string): string;
  /** `HOST:PORT` for each way to reach it. */
  readonly hosts: Readonly<Record<RegistryDoor, string>>;
  stop(): Promise<void>;
}

/** Options of a failing registry. */
export interface FailingRegistryOptions {
  /** The address for TLS, because engines do not check certificates on 127.0.0.1. Default: 127.0.0.1. */
  readonly tlsAddress?: string;
}

/** Starts a failing registry on 127.0.0.1. */
export async function startFailingRegistry({
  tlsAddress = "127.0.0.1",
}: FailingRegistryOptions = {}): Promise<FailingRegistry> {
  const images = new Map<string, ServedImage>();
  const imageAt = (path: string): ServedImage => {
    const [fault = ""] = path.split("/");
    const known = images.get(path) ?? (faultOf(fault)?.image ?? servedImage)(path);
    images.set(path, known);
    return known;
  };
  const directory = await temporaryDirectory();
  const { keyFile, certificateFile } = await makeSigningKey(directory.path);
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certificateFile)]);

  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server, address = "127.0.0.1"): Promise<string> => {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => void server.listen({ host: address, port: 0 }, resolve));
    return `${address}:${String((server.address() as AddressInfo).port)}`;
  };
  const http = (challenge: (host: string) => string | undefined) => {
    const server = createHttpServer((request, response) => {
      const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      void replyTo(request, challenge(host), imageAt).then((reply) => {
        send(response, reply);
      });
    });
    return listen(server);
  };
  const broken = (how: (socket: Socket) => void) => listen(createTcpServer(how));

  const hosts: Record<RegistryDoor, string> = {
    plain: await http(() => undefined),
    bearer: await http((host) => `Bearer realm="http://${host}/token",service="failing"`),
    basic: await http(() => 'Basic realm="failing"'),
    tls: await listen(
      createHttpsServer({ key, cert }, (request, response) => {
        void replyTo(request, undefined, imageAt).then((reply) => {
          send(response, reply);
        });
      }),
      tlsAddress,
    ),
    reset: await broken((socket) => socket.once("data", () => socket.resetAndDestroy())),
    end: await broken((socket) => socket.once("data", () => socket.end())),
    silence: await broken(() => undefined),
    refused: "127.0.0.1:1",
    unknown: "registry.invalid",
  };
  return {
    hosts,
    reference(fault, name) {
      const { door = "plain", byDigest = false } = faultOf(fault) ?? {};
      const path = `${fault}/${name}`;
      return `${hosts[door]}/${path}${byDigest ? `@${imageAt(path).manifest.digest}` : ":v1"}`;
    },
    async stop() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => {
                resolve();
              });
              for (const socket of sockets) socket.destroy();
            }),
        ),
      );
      await directory.remove();
    },
  };
}

function faultOf(name: string): RegistryFault | undefined {
  return registryFaults[name] ?? pushFaults[name];
}

async function replyTo(
  request: IncomingMessage,
  challenge: string | undefined,
  imageAt: (path: string) => ServedImage,
): Promise<RegistryReply> {
  const url = new URL(request.url ?? "/", "http://registry");
  const isKnown = (request.headers.authorization ?? "").startsWith("Bearer ");
  if (url.pathname === "/token") return tokenReply(await scopeOf(url, request));
  request.resume();
  const [, path = "", kind, what = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/.exec(url.pathname) ?? [];
  if (challenge !== undefined && !isKnown)
    return {
      ...registryError(401, "UNAUTHORIZED", "authentication required"),
      headers: { "www-authenticate": challenge, "content-type": "application/json" },
    };
  if (kind === undefined) return typed(200, "application/json", "{}");
  const fault = faultOf(path.split("/")[0] ?? "") ?? {};
  if (fault.replies?.tag !== undefined && kind === "blobs") return acceptedBlob(request.method, url, path);
  if (request.method === "POST" || request.method === "PUT" || request.method === "PATCH")
    return reply(fault, kind === "manifests" ? "tag" : "upload", undefined) ?? plain(500, "it takes nothing");
  // The blobs of a push do not exist yet.
  if (fault.replies?.upload !== undefined)
    return registryError(404, "BLOB_UNKNOWN", "blob unknown to registry");
  if (fault.door === "bearer" && fault.replies?.manifest === undefined)
    return {
      ...registryError(401, "UNAUTHORIZED", "authentication required"),
      headers: {
        "www-authenticate": `${challenge ?? ""},scope="repository:${path}:pull",error="insufficient_scope"`,
        "content-type": "application/json",
      },
    };
  return partReply(fault, imageAt(path), kind, what);
}

/** Every blob exists, and each step of an upload succeeds: the last one states the digest. */
function acceptedBlob(method: string | undefined, url: URL, path: string): RegistryReply {
  const digest = url.searchParams.get("digest");
  const status = method === "HEAD" ? 200 : digest === null ? 202 : 201;
  const headers = { location: `/v2/${path}/blobs/${digest ?? "uploads/1"}`, range: "0-0" };
  return { status, headers, body: Buffer.alloc(0) };
}

/** It is in the query, or in a form. */
async function scopeOf(url: URL, request: IncomingMessage): Promise<string> {
  if (request.method !== "POST") request.resume();
  const form = new URLSearchParams(request.method === "POST" ? await text(request) : "");
  return url.searchParams.get("scope") ?? form.get("scope") ?? "";
}

/** The scope names the repository, whose path names the fault. */
function tokenReply(scope: string): RegistryReply {
  const [, fault = ""] = /^repository:([^/]+)/.exec(scope) ?? [];
  return reply(faultOf(fault) ?? {}, "token", undefined) ?? plain(500, "no scope");
}

function partReply(fault: RegistryFault, image: ServedImage, kind: string, what: string): RegistryReply {
  const top = fault.manifest?.(image) ?? image.manifest;
  if (kind === "manifests") {
    const isTop = !what.startsWith("sha256:") || what === top.digest;
    const honest = isTop ? top : image.manifest;
    const sent =
      reply(fault, isTop ? "manifest" : "child", honest) ?? typed(200, honest.mediaType, honest.content);
    if (typeof sent === "string" || sent.status !== 200) return sent;
    // A server that returns a web page is not a registry and has no digests.
    if (sent.headers?.["content-type"] === "text/html") return sent;
    return { ...sent, headers: { "docker-content-digest": honest.digest, ...sent.headers } };
  }
  const found = [image.config, ...image.layers].find(({ digest }) => digest === what);
  if (found === undefined) return registryError(404, "BLOB_UNKNOWN", "blob unknown to registry");
  const configured = reply(fault, found === image.config ? "config" : "layer", found);
  return configured ?? typed(200, "application/octet-stream", found.content);
}

function reply(
  fault: RegistryFault,
  asked: AskedPart,
  honest: ServedPart | undefined,
): RegistryReply | undefined {
  const chosen = fault.replies?.[asked];
  if (typeof chosen !== "function") return chosen;
  return honest === undefined ? undefined : chosen(honest);
}

function send(response: ServerResponse, reply: RegistryReply): void {
  if (typeof reply === "string") {
    if (reply === "reset") response.socket?.resetAndDestroy();
    if (reply === "end") response.socket?.end();
    return;
  }
  const { status, headers = {}, body, cutAfter } = reply;
  response.writeHead(status, {
    "docker-distribution-api-version": "registry/2.0",
    ...headers,
    "content-length": String(body.length),
  });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  if (cutAfter === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, cutAfter), () => response.socket?.end());
}
