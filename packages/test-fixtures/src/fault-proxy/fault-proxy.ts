/** The direction of bytes: the client's request, or the response to it. */
export type Direction = "request" | "response";

/**
 * A fault of one exchange: a request and its response if the connection speaks HTTP, else the whole
 * connection. Bytes are counted from the first byte of the request line or the status line.
 */
export type ConnectionFault =
  /** Ends the connection immediately, with a reset over TCP. */
  | { readonly reset: true }
  /** Accepts everything, forwards nothing, never responds. */
  | { readonly hang: true }
  /** Forwards that many bytes, then closes the connection. `of` defaults to `response`. */
  | { readonly cut: { readonly after: number; readonly of?: Direction } }
  /** Forwards that many bytes, then no more; the connection stays open. `of` defaults to `response`. */
  | { readonly stall: { readonly after: number; readonly of?: Direction } }
  /** Forwards the request only after that time. */
  | { readonly delay: { readonly ms: number } }
  /** Forwards that many bytes per second. `of` defaults to `response`. */
  | { readonly slow: { readonly bytesPerSecond: number; readonly of?: Direction } }
  /** Responds with these bytes and closes the connection; the target receives nothing. */
  | { readonly garbage: string | Uint8Array }
  /** Responds with this and closes the connection; the target receives nothing. */
  | { readonly response: FixedResponse };

/** A complete HTTP response. Its length is added. */
export interface FixedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Which exchanges a fault applies to. With `method` or `path`, it applies to HTTP requests only. */
export interface ConnectionFaultMatch {
  /** In upper case. */
  readonly method?: string;
  /** Compared with the path and query. */
  readonly path?: RegExp;
  /** How often it is applied. Default: until {@link FaultProxy.clear}. */
  readonly times?: number;
}

/** A request that arrived, whatever happened to it. */
export interface ProxiedRequest {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
}

/** A proxy that injects faults into the traffic of a server. Without a fault it changes nothing. */
export interface FaultProxy {
  /**
   * The address it listens on, in the form of the target's: `unix:///…/d.sock`, `http://127.0.0.1:PORT/base`,
   * `127.0.0.1:PORT`.
   */
  readonly address: string;
  /** Plans a fault. If several match, the one planned first is applied, as often as it is allowed to. */
  fault(fault: ConnectionFault, match?: ConnectionFaultMatch): void;
  /** Drops the pending faults. Those already in progress continue. */
  clear(): void;
  /** Every HTTP request so far, in order of arrival, including those on kept-alive connections. */
  readonly requests: readonly ProxiedRequest[];
  /** How many clients are connected. */
  readonly connections: number;
  /** Closes every open connection. */
  cut(): void;
  /**
   * Stops listening: new connections are refused (on a socket file: the file is missing). Open connections stay.
   * May be called again.
   */
  refuse(): Promise<void>;
  /** Listens again, at the same address. May be called again. */
  listen(): Promise<void>;
  /** Closes everything and removes the socket file. May be called again. */
  stop(): Promise<void>;
}
