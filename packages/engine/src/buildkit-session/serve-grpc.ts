import { performServerHandshake, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";
import { grpcFrame, readGrpcFrame } from "./grpc-frame.js";

/** Answers one message with one. What it throws is told the other side as a failure, a {@link GrpcFailure} in its words. */
export type GrpcMethod = (request: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** By the path of a call: `/grpc.health.v1.Health/Check`. */
export type GrpcMethods = Readonly<Record<string, GrpcMethod>>;

/**
 * Answers calls of gRPC over a connection that stands: the other side is the client, though it was called. A method that
 * is not there is answered as unimplemented. Answers how to end it, with the connection.
 */
export function serveGrpc(connection: Duplex, methods: GrpcMethods): () => void {
  const session = performServerHandshake(connection);
  // Whoever waits for the build hears of a broken engine there.
  session.on("error", () => undefined);
  session.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    const path = headers[":path"] ?? "";
    void answer(stream, Object.hasOwn(methods, path) ? methods[path] : undefined);
  });
  return () => {
    session.destroy();
    connection.destroy();
  };
}

const head = { ":status": 200, "content-type": "application/grpc" };

async function answer(stream: ServerHttp2Stream, method: GrpcMethod | undefined): Promise<void> {
  try {
    const request = await readGrpcFrame(stream);
    if (method === undefined) throw new GrpcFailure(grpcCodes.unimplemented, "there is no such method");
    const reply = grpcFrame(await method(request));
    if (stream.destroyed) return;
    stream.respond(head, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": String(grpcCodes.ok) });
    });
    stream.end(reply);
  } catch (error) {
    if (stream.destroyed) return;
    const { code, text } = error instanceof GrpcFailure ? error : unknown;
    const status = { "grpc-status": String(code), "grpc-message": encodeURIComponent(text) };
    stream.respond({ ...head, ...status }, { endStream: true });
  }
}

const unknown = { code: grpcCodes.internal, text: "it cannot be answered" };
