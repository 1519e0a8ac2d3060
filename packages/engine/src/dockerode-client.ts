import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { EngineConnection } from "./engine-connection.js";
import { fieldsOf } from "./json-fields.js";

/** dockerode over our own connection. */
export interface DockerodeClient {
  readonly docker: Dockerode;
  /** Ends the sessions of its builds. */
  release(): void;
}

/** What dockerode hands to its transport (docker-modem's DialOptions), as far as builds use it. */
interface DialOptions {
  readonly path: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly options?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly file?: Readable;
  /** The connection is taken over. */
  readonly hijack?: boolean;
}

type DialCallback = (error: unknown, answer: IncomingMessage | Duplex | null) => void;

/**
 * A client for one build, which may be repeated, for it only adds. dockerode is loaded here, and only here: it costs more
 * than everything else in a process. Its own transport, docker-modem, is left out of the way: it reads `DOCKER_HOST` and the files of
 * `DOCKER_CERT_PATH` whatever address it is given, and prints credentials under `DEBUG`.
 */
export async function openDockerode(
  connection: EngineConnection,
  signal: AbortSignal,
): Promise<DockerodeClient> {
  const { default: Docker } = await import("dockerode");
  const sessions = new Set<Duplex>();

  const dial = async (request: DialOptions): Promise<IncomingMessage | Duplex> => {
    const { method, options, headers, file, hijack } = request;
    const path = request.path.replace(/\?$/, "");
    const common = { method, path, signal, repeatable: true, ...(headers === undefined ? {} : { headers }) };
    if (hijack !== true) {
      const query = Object.fromEntries(
        Object.entries(fieldsOf(options)).map(([key, value]) => [key, asText(value)]),
      );
      if (file === undefined) return connection.open({ ...common, query });
      const tar = { ...common.headers, "content-type": "application/x-tar" };
      return connection.open({ ...common, headers: tar, query, stream: file });
    }
    const socket = await connection.upgrade({ ...common, headers: { ...headers, connection: "Upgrade" } });
    sessions.add(socket);
    return socket;
  };
  const modem = {
    Promise,
    dial: (request: DialOptions, callback: DialCallback): void => {
      // A callback that throws hears of it in a second call, which settles what it left open.
      dial(request)
        .then((answer) => {
          callback(null, answer);
        })
        .catch((error: unknown) => {
          callback(error, null);
        });
    },
  };
  // dockerode takes a transport of that name; its types do not say so.
  const docker = new Docker({ modem } as Dockerode.DockerOptions);
  return {
    docker,
    // dockerode closes a session only when the build's answer has been read to its end.
    release: () => {
      for (const socket of sessions) socket.destroy();
    },
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : JSON.stringify(value);
}
