import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";
import { grpcFrames, readGrpcFrame, readGrpcFrames } from "./grpc-frame.js";

/**
 * Handles a unary call. An error that it throws is sent to the peer as a failure; a {@link GrpcFailure} keeps its own
 * status and message.
 */
export type GrpcMethod = (request: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** A bidirectional streaming call. */
export interface GrpcCall {
  readonly headers: IncomingHttpHeaders;
  /** The peer's messages, until it closes its side. */
  readonly messages: AsyncIterable<Uint8Array>;
  /** Sends several messages. Resolves when there is room for more; rejects if the peer has ended the call. */
  send(messages: readonly Uint8Array[]): Promise<void>;
}

/** Handles a streaming call until it ends. What it throws is sent as for a {@link GrpcMethod}. */
export interface GrpcStreamMethod {
  handleStream(call: GrpcCall): Promise<void>;
}

/** By the path of a call: `/grpc.health.v1.Health/Check`. */
export type GrpcMethods = Readonly<Record<string, GrpcMethod | GrpcStreamMethod>>;

/**
 * Serves gRPC over an open connection: the peer is the client, although this process connected to it. A method that
 * does not exist is reported as unimplemented. Returns a function that ends it and the connection.
 */
export function serveGrpc(connection: Duplex, methods: GrpcMethods): () => void {
  const session = performServerHandshake(connection);
  // The call that waits for the build reports a broken engine.
  session.on("error", () => undefined);
  session.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    const path = headers[":path"] ?? "";
    void handleCall(stream, headers, Object.hasOwn(methods, path) ? methods[path] : undefined);
  });
  return () => {
    session.destroy();
    connection.destroy();
  };
}

const head = { ":status": 200, "content-type": "application/grpc" };

async function handleCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  method: GrpcMethod | GrpcStreamMethod | undefined,
): Promise<void> {
  let status: Readonly<Record<string, string>> = { "grpc-status": String(grpcCodes.ok) };
  const begin = (): void => {
    stream.respond(head, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      stream.sendTrailers(status);
    });
  };
  try {
    if (typeof method === "object") {
      begin();
      await method.handleStream({ headers, messages: readGrpcFrames(stream), send: sender(stream) });
      stream.end();
      return;
    }
    const request = await readGrpcFrame(stream);
    if (method === undefined) throw new GrpcFailure(grpcCodes.unimplemented, "unknown method");
    const reply = grpcFrames(await method(request));
    if (stream.destroyed) return;
    begin();
    stream.end(reply);
  } catch (error) {
    if (stream.destroyed) return;
    const { code, text } = error instanceof GrpcFailure ? error : internalError;
    status = { "grpc-status": String(code), "grpc-message": encodeURIComponent(text) };
    if (stream.headersSent) stream.end();
    else stream.respond({ ...head, ...status }, { endStream: true });
  }
}

const internalError = { code: grpcCodes.internal, text: "internal error" };

function sender(stream: ServerHttp2Stream): GrpcCall["send"] {
  return async (messages) => {
    if (stream.destroyed) throw endedByPeer();
    if (stream.write(grpcFrames(...messages))) return;
    await new Promise<void>((resolve, reject) => {
      const onClose = (): void => {
        stream.off("drain", onDrain);
        reject(endedByPeer());
      };
      const onDrain = (): void => {
        stream.off("close", onClose);
        resolve();
      };
      stream.once("drain", onDrain).once("close", onClose);
    });
  };
}

function endedByPeer(): Error {
  return new Error("the peer has ended the call");
}
