import type { IncomingMessage } from "node:http";
import { addAbortSignal, Duplex, PassThrough, type Writable } from "node:stream";
import type { AttachCall, ContainerOutput } from "@molecule/core";
import { outputPieces, type OutputPiece } from "./container-frames.js";
import { containerPath, containerFailure } from "./container-failure.js";
import type { EngineConnection } from "../connection/engine-connection.js";

/**
 * Output from now on; attach before the start to miss nothing. Both streams are to be read, or destroyed: one that
 * is left full holds up the other. The signal goes on to hold: when it aborts, all streams are destroyed with its reason.
 */
export async function attachContainer(
  connection: EngineConnection,
  id: string,
  { signal, stdin = false, terminal = false }: AttachCall,
): Promise<ContainerOutput> {
  const source = await opened(connection, id, stdin, signal);
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  const streams = Object.values(output);
  // A caller may listen to one of them only: a failure must not be an uncaught one in the other.
  for (const stream of streams) stream.on("error", () => undefined);
  const pieces = terminal ? terminalPieces(source) : outputPieces(source);
  const pump = async (): Promise<void> => {
    for await (const { stream, bytes } of pieces) await write(output[stream], bytes);
  };
  pump().then(
    () => {
      for (const stream of streams) stream.end();
    },
    (error: unknown) => {
      const meant = connection.explain(error, { signal });
      for (const stream of streams) stream.destroy(meant instanceof Error ? meant : undefined);
    },
  );
  return source instanceof Duplex ? { ...output, stdin: source } : output;
}

/** The answer that goes on; with input the connection itself, which is closed in each direction by itself. */
async function opened(
  connection: EngineConnection,
  id: string,
  stdin: boolean,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage | Duplex> {
  const query = { stream: "1", stdin: stdin ? "1" : undefined, stdout: "1", stderr: "1" };
  const request = { method: "POST", path: `${containerPath(id)}/attach`, query, signal } as const;
  try {
    if (!stdin) return await connection.open(request);
    const headers = { connection: "Upgrade", upgrade: "tcp" };
    const socket = await connection.upgrade({ ...request, headers });
    // The request is over for the signal.
    if (signal !== undefined) addAbortSignal(signal, socket);
    socket.on("error", () => undefined);
    return socket;
  } catch (error) {
    throw containerFailure(error, id, connection.address);
  }
}

/** A terminal has one stream, which comes as it is. */
async function* terminalPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
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
