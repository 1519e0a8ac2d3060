import http, { type ClientRequest } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { HttpProxy } from "./env-proxy.js";

declare module "http" {
  interface Agent {
    /** Missing from the type declarations; every agent that changes requests overrides it. */
    addRequest(request: ClientRequest, options: object): void;
  }
}

const tunnelDeadlineMs = 30_000;
const codePrefix = "ERR_PROXY_";

/**
 * A tunnel that could not be opened. The code contains the reason after a prefix, because node-fetch keeps only the
 * message and the code of an error.
 */
class TunnelFailure extends Error {
  readonly code: string;
  constructor(fault: string, cause?: unknown) {
    super(`no tunnel: ${fault}`, { cause });
    this.code = `${codePrefix}${fault}`;
  }
}

/** Returns the status or the system's code that prevented a tunnel; undefined for any other error code. */
export function tunnelFault(code: string): { status: number } | { code: string } | undefined {
  if (!code.startsWith(codePrefix)) return undefined;
  const fault = code.slice(codePrefix.length);
  return /^\d+$/.test(fault) ? { status: Number(fault) } : { code: fault };
}

function authorization({ credentials }: HttpProxy): Record<string, string> {
  if (credentials === undefined) return {};
  const pair = `${credentials.username}:${credentials.password}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Reaches https servers through a proxy: a tunnel by `CONNECT`, and TLS inside it. */
export class HttpsProxyAgent extends https.Agent {
  constructor(
    private readonly proxy: HttpProxy,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  createConnection(
    options: ConnectionOptions & { readonly host: string },
    created: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const { proxy } = this;
    const target = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${String(options.port)}`;
    const { request } = proxy.protocol === "https:" ? https : http;
    const headers = { host: target, ...authorization(proxy) };
    const { ca } = options;
    const { host, port } = proxy;
    const connectRequest = request({
      host,
      port,
      ca,
      agent: false,
      method: "CONNECT",
      path: target,
      headers,
    });
    connectRequest.setTimeout(tunnelDeadlineMs, () => connectRequest.destroy(new TunnelFailure("ETIMEDOUT")));
    connectRequest.once("error", (error: NodeJS.ErrnoException) => {
      created(error instanceof TunnelFailure ? error : new TunnelFailure(error.code ?? error.message, error));
    });
    // Emitted for every status of the response to CONNECT.
    connectRequest.once("connect", ({ statusCode = 0 }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) {
        created(null, connectTls({ ...options, socket }));
        return;
      }
      socket.destroy();
      created(new TunnelFailure(String(statusCode)));
    });
    connectRequest.end();
  }
}

/** Reaches http servers through a proxy, by requesting the absolute URL. */
export class HttpProxyAgent extends http.Agent {
  constructor(
    private readonly proxy: HttpProxy,
    options: https.AgentOptions,
  ) {
    // An agent's own address takes precedence over the request's.
    super({ ...options, host: proxy.host, port: proxy.port });
    if (proxy.protocol === "https:") {
      Object.assign(this, { createConnection: (own: ConnectionOptions): TLSSocket => connectTls(own) });
    }
  }

  override addRequest(request: ClientRequest, options: object): void {
    request.path = `http://${String(request.getHeader("host"))}${request.path}`;
    for (const [name, value] of Object.entries(authorization(this.proxy))) request.setHeader(name, value);
    super.addRequest(request, options);
  }
}
