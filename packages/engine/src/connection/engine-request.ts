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

/** One request to an engine. Paths carry no API version: an engine refuses one that is too new for it. */
export interface EngineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Members that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; left alone when the request ends early. */
  readonly stream?: Readable;
  /** How much longer than usual the engine may be silent over it, in milliseconds. */
  readonly workMs?: number;
  /** Whether to send it twice does no harm. Default: that of reading. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** For requests that make the engine work, on its disks or on processes. */
export const someWorkMs = 120_000;

/** Sends requests to one engine. Failures are those of `node:http`, untranslated. */
export interface EngineSender {
  /** Resolves with the headers of the response. */
  send(request: EngineRequest): Promise<IncomingMessage>;
  /** Resolves with the connection once the engine has switched protocols, or with a response that did not. */
  upgrade(request: EngineRequest): Promise<Duplex | IncomingMessage>;
  /** Closes idle connections. */
  close(): void;
}

type Send = (options: RequestOptions) => ClientRequest;

/** Idle connections are kept for the next request, and keep no process alive. */
export async function createEngineSender(endpoint: EngineEndpoint): Promise<EngineSender> {
  const { agent, open } = await transport(endpoint);

  // Only reading goes over a kept connection: it may be stale, and what fails there is safely asked again.
  const send = async (request: EngineRequest): Promise<IncomingMessage> => {
    if (request.method !== "GET") return answer(begin(open, request, false));
    const outgoing = begin(open, request, agent);
    try {
      return await answer(outgoing);
    } catch (error) {
      if (!outgoing.reusedSocket || hasLeft(request.signal)) throw error;
      return answer(begin(open, request, false));
    }
  };
  const upgrade = (request: EngineRequest): Promise<Duplex | IncomingMessage> => {
    const outgoing = begin(open, request, false);
    return Promise.race([answer(outgoing), switched(outgoing)]);
  };
  return {
    send,
    upgrade,
    close: () => {
      agent.destroy();
    },
  };
}

// Without a name, Node's agent works one out for TLS with expressions that take 5 ms to compile, TLS or not.
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
    stream.pipe(outgoing);
    outgoing.once("close", () => stream.unpipe(outgoing));
  }
  return outgoing;
}

function target({ path, query = {} }: EngineRequest): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function answer(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    // Stays after the response: an upload that the engine cuts short fails a second time.
    outgoing.on("error", reject);
  });
}

function switched(outgoing: ClientRequest): Promise<Duplex> {
  return new Promise((resolve) => {
    outgoing.once("upgrade", (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
  });
}
