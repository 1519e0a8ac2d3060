import type { IncomingMessage } from "node:http";
import { addAbortSignal, type Duplex } from "node:stream";
import type { AttachCall, ContainerOutput } from "@molecule/core";
import { containerFailure, containerPath, shownContainer } from "./container-failure.js";
import { outputStreams } from "./output-streams.js";
import type { EngineConnection } from "../connection/engine-connection.js";

/**
 * Attaches to the container's output from now on; attach before the start to miss nothing. The caller must read or
 * destroy both streams, because a full one blocks the other. The signal stays in effect: when it aborts, all streams
 * are destroyed with its reason.
 */
export async function attachContainer(
  connection: EngineConnection,
  id: string,
  { signal, stdin = false, terminal = false }: AttachCall,
): Promise<ContainerOutput> {
  const source = await openOutput(connection, id, signal);
  // Input uses a separate connection: writing to an exited container breaks the connection and loses unread output.
  const input = stdin ? await openInput(connection, id, signal).catch(closing(source)) : undefined;
  if (input === undefined) return outputStreams(connection, source, { signal, terminal });
  // Input may go on although nobody reads the output.
  const onEnd = (): unknown => input.destroy();
  return { ...outputStreams(connection, source, { signal, terminal, onEnd }), stdin: input };
}

/** Returns a handler that closes the stream and rethrows the failure. */
function closing(stream: IncomingMessage): (failure: unknown) => never {
  return (failure) => {
    stream.destroy();
    throw failure;
  };
}

async function openOutput(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const query = { stream: "1", stdout: "1", stderr: "1" };
  try {
    return await connection.open({ method: "POST", path: `${containerPath(id)}/attach`, query, signal });
  } catch (error) {
    throw containerFailure(error, `attach to ${shownContainer(id)}`, connection.address);
  }
}

/** Returns the raw connection, whose two directions close independently. */
async function openInput(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  const query = { stream: "1", stdin: "1" };
  const headers = { connection: "Upgrade", upgrade: "tcp" };
  const request = { method: "POST", path: `${containerPath(id)}/attach`, query, headers, signal } as const;
  try {
    const socket = await connection.upgrade(request);
    // The signal no longer applies to the request, which has completed.
    if (signal !== undefined) addAbortSignal(signal, socket);
    return socket.on("error", () => undefined).resume();
  } catch (error) {
    throw containerFailure(error, `attach to ${shownContainer(id)}`, connection.address);
  }
}
