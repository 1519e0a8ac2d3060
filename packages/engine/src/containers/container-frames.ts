/** A chunk of a container's output. */
export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

const headerLength = 8;
const stderrType = 2;

/**
 * Decodes the engine's frames (docs.docker.com, "Attach to a container", stream format): a type, three zero bytes, a
 * length, the payload. Passes payload on as it arrives, whatever its length.
 */
export async function* outputPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
  let header = Buffer.alloc(0);
  let missing = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (missing === 0) {
        const wanted = headerLength - header.length;
        header = Buffer.concat([header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (header.length < headerLength) break;
        missing = header.readUInt32BE(4);
        if (missing === 0) header = Buffer.alloc(0);
        continue;
      }
      const bytes = rest.subarray(0, missing);
      rest = rest.subarray(bytes.length);
      missing -= bytes.length;
      const stream = header[0] === stderrType ? "stderr" : "stdout";
      if (missing === 0) header = Buffer.alloc(0);
      yield { stream, bytes };
    }
  }
}
