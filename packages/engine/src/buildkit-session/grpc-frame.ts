import type { Readable } from "node:stream";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";

/*
 * A message on the wire: a byte that says whether it is compressed, four bytes of length, the message
 * (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md).
 */

const headBytes = 5;
/** Questions of a builder are names of hosts and of secrets. */
const maxQuestionBytes = 64 * 1024;

export function grpcFrame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
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
  if (whole[0] !== 0) throw new GrpcFailure(grpcCodes.unimplemented, "compression is not served");
  return whole.subarray(headBytes);
}
