import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Mask } from "@molecule/core";
import type { OpenSlice, Timeline } from "./timeline.js";

/** Shows each HTTP request of this process, to forges, registries and engines. Returns a function that stops it. */
export function traceRequests(timeline: Timeline, mask: Mask): () => void {
  const open = new WeakMap<ClientRequest, OpenSlice>();
  const onStart = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    if (open.has(request)) return;
    const slice = timeline.begin(mask.text(groupOf(request)), mask.text(nameOf(request)));
    open.set(request, slice);
    request.once("close", () => {
      slice.end();
    });
  };
  const onResponse = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    open.get(request)?.add({ status: response.statusCode });
  };
  // Node before 22 publishes a request only once its body has been sent.
  const starts = ["http.client.request.created", "http.client.request.start"];
  for (const channel of starts) subscribe(channel, onStart);
  subscribe("http.client.response.finish", onResponse);
  return () => {
    for (const channel of starts) unsubscribe(channel, onStart);
    unsubscribe("http.client.response.finish", onResponse);
  };
}

function groupOf(request: ClientRequest): string {
  const { socketPath } = request as { readonly socketPath?: string | undefined };
  return `requests to ${socketPath ?? `${request.protocol}//${String(request.getHeader("host") ?? request.host)}`}`;
}

/** The method and path. A query may be long, as that of a build, and may hold what only the server should see. */
function nameOf({ method, path }: ClientRequest): string {
  return `${method} ${path.split("?")[0] ?? ""}`;
}
