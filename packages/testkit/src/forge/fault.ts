import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

/** Handles the request itself, now or later. `false` lets the forge handle it normally. */
export type FaultHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A response instead of the real one. `status` defaults to 200. */
export interface FaultAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | readonly (string | Buffer)[];
  /** Sends the parts of the body in chunks, without a content length. */
  readonly chunked?: boolean;
  /** Compresses the body and sets the header for it. */
  readonly gzip?: boolean;
}

/** A fault of a request. */
export type Fault =
  | FaultHandler
  | FaultAnswer
  /** Never responds and never closes the connection. */
  | { readonly hang: true }
  /** Sends status 200, then blanks one at a time, endlessly. */
  | { readonly drip: { readonly everyMs: number } }
  /** Closes the connection with a reset. */
  | { readonly reset: true };

/** `api` and `git` match all requests of that kind; a pattern is matched against the path and query. */
export type FaultMatch = "api" | "git" | RegExp;

interface PlannedFault {
  readonly match: FaultMatch;
  readonly fault: Fault;
  left: number;
}

/** The faults that are still pending, in the order in which they were planned. */
export class FaultList {
  #planned: PlannedFault[] = [];

  add(match: FaultMatch, fault: Fault, times: number): void {
    this.#planned.push({ match, fault, left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Returns whether a fault handled the request. */
  async serve(kind: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const planned = this.#planned.find(
      ({ match, left }) =>
        left > 0 && (typeof match === "string" ? match === kind : match.test(request.url ?? "")),
    );
    if (planned === undefined) return false;
    planned.left -= 1;
    return happen(planned.fault, request, response);
  }
}

async function happen(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (typeof fault === "function") return (await fault(request, response)) !== false;
  if ("hang" in fault) return true;
  if ("reset" in fault) request.socket.resetAndDestroy();
  else if ("drip" in fault) drip(response, fault.drip.everyMs);
  else send(response, fault);
  return true;
}

function drip(response: ServerResponse, everyMs: number): void {
  response.writeHead(200, { "content-type": "application/json;charset=utf-8" });
  const timer = setInterval(() => response.write(" "), everyMs);
  response.on("close", () => {
    clearInterval(timer);
  });
}

function send(response: ServerResponse, fault: FaultAnswer): void {
  const parts = (Array.isArray(fault.body) ? fault.body : [fault.body ?? ""]).map((part: string | Buffer) =>
    Buffer.from(part),
  );
  const chunks = fault.gzip === true ? [gzipSync(Buffer.concat(parts))] : parts;
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  response.writeHead(fault.status ?? 200, {
    "content-type": "application/json;charset=utf-8",
    ...(fault.gzip === true ? { "content-encoding": "gzip" } : {}),
    ...(fault.chunked === true ? {} : { "content-length": String(length) }),
    ...fault.headers,
  });
  for (const chunk of chunks) response.write(chunk);
  response.end();
}
