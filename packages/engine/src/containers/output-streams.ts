import type { IncomingMessage } from "node:http";
import { PassThrough, type Writable } from "node:stream";
import type { EngineCall } from "@molecule/core";
import { outputPieces, type OutputPiece } from "./container-frames.js";
import type { EngineConnection } from "../connection/engine-connection.js";

export interface OutputStreamsCall extends EngineCall {
  /** Whether the container has a terminal, whose output is not framed. */
  readonly terminal: boolean;
  /** Called when the source has ended or failed. With it, the source is read to its end even if nobody reads the streams. */
  readonly onEnd?: () => void;
}

/**
 * Splits a response into both output streams, which end with it. A full stream blocks the other. If the response fails
 * or the signal aborts, both are destroyed with the reason. When both have been destroyed, the response is too, unless
 * there is `onEnd`.
 */
export function outputStreams(
  connection: EngineConnection,
  source: IncomingMessage,
  { signal, terminal, onEnd }: OutputStreamsCall,
): { readonly stdout: PassThrough; readonly stderr: PassThrough } {
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  const streams = Object.values(output);
  // A caller may listen to one stream only; an error on the other must not be uncaught.
  for (const stream of streams) stream.on("error", () => undefined);
  if (onEnd === undefined) {
    let open = streams.length;
    for (const stream of streams) stream.once("close", () => (open -= 1) === 0 && source.destroy());
  }
  const pieces = terminal ? terminalPieces(source) : outputPieces(source);
  const pump = async (): Promise<void> => {
    for await (const { stream, bytes } of pieces) await write(output[stream], bytes);
  };
  pump()
    .then(
      () => {
        for (const stream of streams) stream.end();
      },
      (error: unknown) => {
        const explained = connection.explain(error, { signal });
        for (const stream of streams) stream.destroy(explained instanceof Error ? explained : undefined);
      },
    )
    .finally(onEnd);
  return output;
}

/** A terminal has a single, unframed stream. */
export async function* terminalPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
  for await (const bytes of source) yield { stream: "stdout", bytes };
}

async function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off("drain", go);
      stream.off("close", go);
      resolve();
    };
    stream.on("drain", go);
    stream.on("close", go);
  });
}
