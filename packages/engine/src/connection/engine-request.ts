import {
  Agent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import type { Duplex, Readable } from "node:stream";
import { hasLeft } from "./cancellation.js";
import type { EngineEndpoint } from "./engine-endpoint.js";

/** A request to an engine. Paths contain no API version, because an engine rejects one that is too new for it. */
export interface EngineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** Undefined members are omitted. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as is; not destroyed if the request ends early. */
  readonly stream?: Readable;
  /** Additional idle timeout for requests that cause work, in milliseconds. */
  readonly workMs?: number;
  /** Whether the request may be sent twice. Default: true for GET only. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Additional idle timeout for requests that cause work on disks or processes. */
export const someWorkMs = 120_000;

/** Sends requests to one engine. Rejects with the untranslated errors of `node:http`. */
export interface EngineSender {
  /** Resolves with the response once its headers have arrived. */
  send(request: EngineRequest): Promise<IncomingMessage>;
  /** Resolves with the connection once the engine has switched protocols, or with the response if it did not. */
  upgrade(request: EngineRequest): Promise<Duplex | IncomingMessage>;
  /** Closes idle connections. */
  close(): void;
}

type Send = (options: RequestOptions) => ClientRequest;

/** Idle connections are kept for the next request without keeping the process alive. */
export async function createEngineSender(endpoint: EngineEndpoint): Promise<EngineSender> {
  const { agent, open } = await transport(endpoint);

  // Only GET uses a kept connection: the connection may be stale, and a GET can safely be retried.
  const send = async (request: EngineRequest): Promise<IncomingMessage> => {
    if (request.method !== "GET") return responseOf(begin(open, request, false));
    const outgoing = begin(open, request, agent);
    try {
      return await responseOf(outgoing);
    } catch (error) {
      if (!outgoing.reusedSocket || hasLeft(request.signal)) throw error;
      return responseOf(begin(open, request, false));
    }
  };
  const upgrade = (request: EngineRequest): Promise<Duplex | IncomingMessage> => {
    const outgoing = begin(open, request, false);
    return Promise.race([responseOf(outgoing), switched(outgoing)]);
  };
  return {
    send,
    upgrade,
    close: () => {
      agent.destroy();
    },
  };
}

// Without a server name, Node's agent derives one for TLS with regular expressions that take 5 ms to compile, even
// without TLS.
const plainAgent = { keepAlive: true, servername: "" };

async function transport(endpoint: EngineEndpoint): Promise<{ agent: Agent; open: Send }> {
  if (endpoint.kind === "unix") {
    const { socketPath } = endpoint;
    return {
      agent: new Agent(plainAgent),
      open: (options) => plainRequest({ ...options, socketPath }),
    };
  }
  const { host, port, tls } = endpoint;
  if (tls === undefined) {
    return {
      agent: new Agent(plainAgent),
      open: (options) => plainRequest({ ...options, host, port }),
    };
  }
  const https = await import("node:https");
  const { ca, cert, key, verify } = tls;
  const secured = { ca, cert, key, rejectUnauthorized: verify };
  return {
    agent: new https.Agent({ keepAlive: true }),
    open: (options) => https.request({ ...options, ...secured, host, port }),
  };
}

function begin(open: Send, request: EngineRequest, agent: Agent | false): ClientRequest {
  const { method, json, stream, signal } = request;
  const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
  const headers: Record<string, string | string[]> = { ...request.headers };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-length"] = String(body.length);
  }
  const outgoing = open({
    method,
    agent,
    headers,
    path: target(request),
    ...(signal === undefined ? {} : { signal }),
  });
  if (stream === undefined) {
    outgoing.end(body);
  } else {
    const fail = (error: Error): unknown => outgoing.destroy(error);
    stream.on("error", fail).pipe(outgoing);
    outgoing.once("close", () => stream.off("error", fail).unpipe(outgoing));
  }
  return outgoing;
}

function target({ path, query = {} }: EngineRequest): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    // Keep the listener after the response: an upload that the engine cuts short emits a second error.
    outgoing.on("error", reject);
  });
}

function switched(outgoing: ClientRequest): Promise<Duplex> {
  return new Promise((resolve) => {
    outgoing.once("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
  });
}
