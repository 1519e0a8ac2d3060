import type { Readable } from "node:stream";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";

/*
 * A message on the wire is one byte for compression, a four-byte length, and the message itself (github.com/grpc/grpc,
 * doc/PROTOCOL-HTTP2.md).
 */

const headBytes = 5;
/** A builder's requests contain only host names and secret IDs. */
const maxRequestBytes = 64 * 1024;

/** Frames and concatenates messages. */
export function grpcFrames(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [headOf(message), message]));
}

function headOf({ length }: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(length, 1);
  return head;
}

/** Reads the single message of a unary call. Rejects with a {@link GrpcFailure} if there is none or more than one. */
export async function readGrpcFrame(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop resets the stream.
    if (bytes > maxRequestBytes) throw new RangeError("the message is too long");
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (whole.length < headBytes || whole.readUInt32BE(1) !== whole.length - headBytes)
    throw new GrpcFailure(grpcCodes.invalidArgument, "expected exactly one message");
  if (whole[0] !== 0) throw new GrpcFailure(grpcCodes.unimplemented, "compression is not supported");
  return whole.subarray(headBytes);
}

/** Yields the messages of a streaming call as they arrive. Throws a {@link GrpcFailure} if they are malformed. */
export async function* readGrpcFrames(stream: Readable): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  // Keep the stream open: this side may still send after it has received everything.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= headBytes) {
      const length = rest.readUInt32BE(at + 1);
      if (rest[at] !== 0) throw new GrpcFailure(grpcCodes.unimplemented, "compression is not supported");
      if (length > maxRequestBytes) throw new GrpcFailure(grpcCodes.invalidArgument, "a message is too long");
      if (rest.length - at < headBytes + length) break;
      yield rest.subarray(at + headBytes, at + headBytes + length);
      at += headBytes + length;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new GrpcFailure(grpcCodes.invalidArgument, "the last message is incomplete");
}
