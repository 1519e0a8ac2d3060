/** Which way bytes go: what the client says, or what it is answered. */
export type Direction = "request" | "answer";

/**
 * A fault of one exchange: a request and its response where the connection speaks HTTP, else the whole
 * connection. Bytes count from the first of the request line or the status line.
 */
export type ConnectionFault =
  /** Ends the connection immediately, with a reset over TCP. */
  | { readonly reset: true }
  /** Accepts everything, forwards nothing, never responds. */
  | { readonly hang: true }
  /** Hands on that many bytes, then ends the connection. `of` defaults to `answer`. */
  | { readonly cut: { readonly after: number; readonly of?: Direction } }
  /** Hands on that many bytes, then no more; the connection stays. `of` defaults to `answer`. */
  | { readonly stall: { readonly after: number; readonly of?: Direction } }
  /** Hands the request on only after that time. */
  | { readonly delay: { readonly ms: number } }
  /** Hands on that many bytes a second. `of` defaults to `answer`. */
  | { readonly slow: { readonly bytesPerSecond: number; readonly of?: Direction } }
  /** Responds with these bytes and ends the connection; the target receives nothing. */
  | { readonly garbage: string | Uint8Array }
  /** Responds with this and ends the connection; the target receives nothing. */
  | { readonly answer: FixedAnswer };

/** A complete HTTP response. Its length is added. */
export interface FixedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Which exchanges a fault happens to. One with `method` or `path` happens to HTTP requests only. */
export interface ConnectionFaultMatch {
  /** In upper case. */
  readonly method?: string;
  /** Compared with the path and query. */
  readonly path?: RegExp;
  /** How often it happens. Default: until {@link FaultProxy.clear}. */
  readonly times?: number;
}

/** A request that came in, whatever became of it. */
export interface ProxiedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** Stands before a server and spoils what goes through it; without a fault nothing is changed. */
export interface FaultProxy {
  /** Where it listens, written as the target was: `unix:///…/d.sock`, `http://127.0.0.1:PORT/base`, `127.0.0.1:PORT`. */
  readonly address: string;
  /** Plans a fault. Of several that match, the one planned first happens, as often as it may. */
  fault(fault: ConnectionFault, match?: ConnectionFaultMatch): void;
  /** Forgets the faults that have not happened yet. What has begun goes on. */
  clear(): void;
  /** Every HTTP request so far, in the order of arrival, those on kept connections too. */
  readonly requests: readonly ProxiedRequest[];
  /** How many clients are connected. */
  readonly connections: number;
  /** Ends every connection that is open now. */
  cut(): void;
  /** Stops listening: who connects is refused (on a socket file: finds none). Open connections stay. May be repeated. */
  refuse(): Promise<void>;
  /** Listens again, at the same address. May be repeated. */
  listen(): Promise<void>;
  /** Ends everything and removes the socket file. May be repeated. */
  stop(): Promise<void>;
}
