import { request as outgoingRequest } from "node:http";
import { seenRequest, startHttpServer, type SeenRequest } from "@molecule/testkit/internal";
import { plain, type HttpReply } from "./registry-reply.js";

/** A registry behind a proxy that records its requests. */
export interface WatchedRegistry {
  /** `127.0.0.1:PORT` of the proxy. */
  readonly host: string;
  /** The requests, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Closes only the proxy. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy in front of a registry. Requests are forwarded unchanged.
 * @param refusal returns the response, or its status, for a request that is not forwarded
 */
export async function watchRegistry(
  registry: { readonly host: string },
  refusal: (request: SeenRequest) => number | HttpReply | undefined = () => undefined,
): Promise<WatchedRegistry> {
  const requests: SeenRequest[] = [];
  const server = await startHttpServer((incoming, response) => {
    const seen = seenRequest(incoming);
    requests.push(seen);
    const refused = refusal(seen);
    if (refused !== undefined) {
      incoming.resume();
      const { status, headers, body } = typeof refused === "number" ? plain(refused, "") : refused;
      response.writeHead(status, headers).end(body);
      return;
    }
    const { method, url, headers } = incoming;
    const options = { method, headers, agent: false };
    const outgoing = outgoingRequest(`http://${registry.host}${url ?? "/"}`, options, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  return { host: `127.0.0.1:${String(server.port)}`, requests, stop: () => server.stop() };
}
