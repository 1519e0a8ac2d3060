import { AssertionError } from "node:assert";
import type nock from "nock";

export interface HttpMocksOptions {
  /** Real requests to these may go out, as `127.0.0.1:PORT`. Default: none. */
  readonly allow?: readonly string[];
}

export interface HttpMocks {
  /** Expects requests to an origin; returns a nock scope: `.get("/path").reply(200, {…})`. */
  on(origin: string): nock.Scope;
  /** Puts the network back. Throws an `AssertionError` when a request matched no mock or a mock was not used. */
  close(): void;
}

/** Takes the network away from `node:http` and `fetch`. One at a time: opening a second is a `TypeError`. */
export async function openHttpMocks(options: HttpMocksOptions = {}): Promise<HttpMocks> {
  const { allow = [] } = options;
  // Importing it patches node:http, so only who mocks pays for that.
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

/** nock says either the options of the request, or the request and then its options. */
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
