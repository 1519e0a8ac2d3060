import type { IncomingHttpHeaders } from "node:http";

/** A webhook request whose body has been read. */
export interface PushRequest {
  /** With names in lower case, as from `node:http` and Fastify. */
  readonly headers: IncomingHttpHeaders;
  /** The bytes as received: the signature covers them. Undefined: the request has no body. */
  readonly body: Uint8Array | undefined;
}

/** The response to send. */
export interface PushResponse {
  /** 202: the runtimes are polled. 200: the request is ignored. 400, 401, 413: it is refused. */
  readonly status: number;
  readonly body:
    { readonly runtimes: readonly string[] } | { readonly ignored: string } | { readonly error: string };
}
