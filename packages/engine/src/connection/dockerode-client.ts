import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { EngineConnection } from "./engine-connection.js";
import type { EngineRequest } from "./engine-request.js";
import { loadDockerode } from "./load-dockerode.js";
import { queryOf } from "./query-of.js";

/** The parts of docker-modem's DialOptions, which dockerode passes to its transport, that builds use. */
interface DialOptions {
  readonly path: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly options?: Readonly<Record<string, unknown>>;
  readonly file: Readable;
}

type DialCallback = (error: unknown, response: IncomingMessage | null) => void;

/**
 * Creates a dockerode client over our own connection, for one build; a build may be repeated, because it only adds.
 * dockerode is loaded for nothing else, because it costs more to load than the rest of the process. Its own transport,
 * docker-modem, is not used: it reads `DOCKER_HOST` and the files of `DOCKER_CERT_PATH` whatever address it
 * gets, and prints credentials under `DEBUG`.
 * @param headers sent with every request
 */
export async function openDockerode(
  connection: EngineConnection,
  signal: AbortSignal,
  headers: EngineRequest["headers"] = {},
): Promise<Dockerode> {
  const Docker = await loadDockerode(connection.address);

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
      // If the callback throws, it is called again with the error, which rejects its promise.
      dial(request)
        .then((response) => {
          callback(null, response);
        })
        .catch((error: unknown) => {
          callback(error, null);
        });
    },
  };
  // dockerode accepts a transport as `modem`, but its types do not declare it.
  return new Docker({ modem } as Dockerode.DockerOptions);
}
