import { AssertionError } from "node:assert";
import type { Scope } from "nock";

export interface HttpMocksOptions {
  /** Hosts, such as `127.0.0.1:PORT`, that real requests may reach. Default: none. */
  readonly allow?: readonly string[];
}

export interface HttpMocks {
  /** Expects requests to an origin. Returns a nock scope: `.get("/path").reply(200, {…})`. */
  on(origin: string): Scope;
  /** Restores the network. Throws an `AssertionError` if a request matched no mock or a mock was not used. */
  close(): void;
}

/** Blocks the network for `node:http` and `fetch`. Opening a second one at the same time throws a `TypeError`. */
export async function openHttpMocks(options: HttpMocksOptions = {}): Promise<HttpMocks> {
  const { allow = [] } = options;
  // Importing nock patches node:http, so only callers that mock pay for it.
  const { default: http } = await import("nock");
  if (isOpen) throw new TypeError("the HTTP mocks are open already");
  isOpen = true;
  const unmatched: string[] = [];
  const onUnmatched = (...request: readonly unknown[]): void => {
    const { host, text } = described(request);
    if (!allow.includes(host)) unmatched.push(text);
  };
  if (!http.isActive()) http.activate();
  http.disableNetConnect();
  if (allow.length > 0) http.enableNetConnect((host) => allow.includes(host));
  http.emitter.on("no match", onUnmatched);
  return {
    on: (origin) => http(origin),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      const unused = http.pendingMocks();
      http.emitter.off("no match", onUnmatched);
      http.abortPendingRequests();
      http.cleanAll();
      http.enableNetConnect();
      http.restore();
      if (unmatched.length > 0)
        throw new AssertionError({ message: `requests that match no mock: ${unmatched.join(", ")}` });
      if (unused.length > 0)
        throw new AssertionError({ message: `mocks that were not used: ${unused.join(", ")}` });
    },
  };
}

let isOpen = false;

/** nock passes either the request's options, or the request followed by its options. */
function described([first, second]: readonly unknown[]): { host: string; text: string } {
  const facts: unknown = second ?? first;
  if (typeof facts !== "object" || facts === null) return { host: "", text: String(facts) };
  const part = (name: string): string => {
    const value = (facts as Readonly<Record<string, unknown>>)[name];
    return typeof value === "string" ? value : "";
  };
  const host = part("host");
  return { host, text: `${part("method")} ${part("proto")}://${host}${part("path")}` };
}
