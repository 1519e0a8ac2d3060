import http, { type ClientRequest } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";

declare module "http" {
  interface Agent {
    /** Left out of the declarations; every agent that changes requests overrides it. */
    addRequest(request: ClientRequest, options: object): void;
  }
}

const tunnelDeadlineMs = 30_000;

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function address({ protocol, hostname, port }: URL): { readonly host: string; readonly port: number } {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(port || (protocol === "https:" ? "443" : "80")) };
}

/** Reaches https servers through a proxy: a tunnel by `CONNECT`, and TLS inside it. */
export class HttpsProxyAgent extends https.Agent {
  constructor(
    private readonly proxy: URL,
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
    const asked = request({ ...address(proxy), ca, agent: false, method: "CONNECT", path: target, headers });
    asked.setTimeout(tunnelDeadlineMs, () =>
      asked.destroy(new Error(`the proxy ${proxy.host} does not answer`)),
    );
    asked.once("error", created);
    // Whatever the status, the answer to CONNECT comes as this event.
    asked.once("connect", ({ statusCode = 0 }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) {
        created(null, connectTls({ ...options, socket }));
        return;
      }
      socket.destroy();
      created(
        new Error(`the proxy ${proxy.host} refuses a tunnel to ${target}: status ${String(statusCode)}`),
      );
    });
    asked.end();
  }
}

/** Reaches http servers through a proxy, which is asked for the absolute URL. */
export class HttpProxyAgent extends http.Agent {
  constructor(
    private readonly proxy: URL,
    options: https.AgentOptions,
  ) {
    // An agent's own address outranks that of the request.
    super({ ...options, ...address(proxy) });
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
