import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { EngineConnection } from "./engine-connection.js";
import type { EngineRequest } from "./engine-request.js";
import { queryOf } from "./query-of.js";

/** What dockerode hands to its transport (docker-modem's DialOptions), as far as builds use it. */
interface DialOptions {
  readonly path: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly options?: Readonly<Record<string, unknown>>;
  readonly file: Readable;
}

type DialCallback = (error: unknown, answer: IncomingMessage | null) => void;

/**
 * dockerode over our own connection, for one build, which may be repeated, for it only adds. dockerode is loaded here, and
 * only here: it costs more than everything else in a process. Its own transport, docker-modem, is left out of the way: it
 * reads `DOCKER_HOST` and the files of `DOCKER_CERT_PATH` whatever address it is given, and prints credentials under
 * `DEBUG`.
 * @param headers sent with whatever is asked
 */
export async function openDockerode(
  connection: EngineConnection,
  signal: AbortSignal,
  headers: EngineRequest["headers"] = {},
): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");

  const dial = ({ method, path, options = {}, file }: DialOptions): Promise<IncomingMessage> =>
    connection.open({
      method,
      path: path.replace(/\?$/, ""),
      query: queryOf(options),
      headers: { ...headers, "content-type": "application/x-tar" },
      stream: file,
      repeatable: true,
      signal,
    });
  const modem = {
    Promise,
    dial: (request: DialOptions, callback: DialCallback): void => {
      // A callback that throws is called again with the error, which settles its promise.
      dial(request)
        .then((answer) => {
          callback(null, answer);
        })
        .catch((error: unknown) => {
          callback(error, null);
        });
    },
  };
  // dockerode accepts a transport of that name; its types lack it.
  return new Docker({ modem } as Dockerode.DockerOptions);
}
