import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach } from "@jest/globals";
import { seenRequest, startHttpServer, type HttpServer, type SeenRequest } from "@molecule/testkit/internal";

/** Handles a request, as an honest or a hostile registry. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server on 127.0.0.1 that stands in for a registry. */
export interface ServedRegistry {
  /** `HOST:PORT`. */
  readonly host: string;
  /** The requests so far. */
  readonly requests: readonly SeenRequest[];
}

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** Starts a server that records its requests. It stops after the test. */
export async function serveRegistry(answer: Answer): Promise<ServedRegistry> {
  const requests: SeenRequest[] = [];
  const server = await startHttpServer((request, response) => {
    requests.push(seenRequest(request));
    request.resume();
    answer(request, response);
  });
  servers.push(server);
  return { host: `127.0.0.1:${String(server.port)}`, requests };
}
