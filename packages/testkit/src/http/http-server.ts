import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A request that was received. */
export interface SeenRequest {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

export function seenRequest(request: IncomingMessage): SeenRequest {
  const { method = "", url = "", headers } = request;
  return { method, path: url, headers, time: Date.now() };
}

export interface HttpServer {
  /** The port, or 0 on a socket file. */
  readonly port: number;
  /** Closes every connection, even with a response pending. */
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1, by default on a free port, or on a socket file. */
export async function startHttpServer(
  listener: RequestListener,
  where: { readonly socketPath?: string; readonly port?: number } = {},
): Promise<HttpServer> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const target =
      where.socketPath === undefined
        ? { host: "127.0.0.1", port: where.port ?? 0 }
        : { path: where.socketPath };
    server.listen(target, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Sends a complete response with its content length. */
export function respond(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}
