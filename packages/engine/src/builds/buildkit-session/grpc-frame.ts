import type { Readable } from "node:stream";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";

/*
 * A message on the wire: a byte that says whether it is compressed, four bytes of length, the message
 * (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md).
 */

const headBytes = 5;
/** Questions of a builder are names of hosts and of secrets. */
const maxQuestionBytes = 64 * 1024;

/** Messages, one behind the other. */
export function grpcFrames(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [headOf(message), message]));
}

function headOf({ length }: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(length, 1);
  return head;
}

/** The one message of a call. Rejects with a {@link GrpcFailure} where there is none or more than one. */
export async function readGrpcFrame(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving resets the stream.
    if (bytes > maxQuestionBytes) throw new RangeError("the message is too long");
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (whole.length < headBytes || whole.readUInt32BE(1) !== whole.length - headBytes)
    throw new GrpcFailure(grpcCodes.invalidArgument, "one message is expected");
  if (whole[0] !== 0) throw new GrpcFailure(grpcCodes.unimplemented, "compression is not supported");
  return whole.subarray(headBytes);
}

/** The messages of a call that goes on, as they come. Rejects with a {@link GrpcFailure} when they are none. */
export async function* readGrpcFrames(stream: Readable): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  // A peer that has received everything may still send.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= headBytes) {
      const length = rest.readUInt32BE(at + 1);
      if (rest[at] !== 0) throw new GrpcFailure(grpcCodes.unimplemented, "compression is not supported");
      if (length > maxQuestionBytes)
        throw new GrpcFailure(grpcCodes.invalidArgument, "a message is too long");
      if (rest.length - at < headBytes + length) break;
      yield rest.subarray(at + headBytes, at + headBytes + length);
      at += headBytes + length;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new GrpcFailure(grpcCodes.invalidArgument, "a message has no end");
}
