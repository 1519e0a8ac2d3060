import type { IncomingMessage } from "node:http";
import {
  escapeControls,
  type ContainerLogRequest,
  type ContainerOutput,
  type EngineCall,
} from "@molecule/core";
import { containerFailure, containerPath, shownContainer } from "./container-failure.js";
import { outputPieces } from "./container-frames.js";
import { outputStreams, terminalPieces } from "./output-streams.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf } from "../connection/json-fields.js";

const maxLogBytes = 256 * 1024;

/** Returns the escaped log, at most its last 256 KiB. */
export async function containerLogs(
  connection: EngineConnection,
  id: string,
  { tail }: { readonly tail: number },
  { signal }: EngineCall,
): Promise<string> {
  try {
    const { source, terminal } = await openLog(connection, id, { tail }, { signal });
    let kept = Buffer.alloc(0);
    for await (const { bytes } of terminal ? terminalPieces(source) : outputPieces(source)) {
      kept = Buffer.concat([kept, bytes]);
      if (kept.length > 2 * maxLogBytes) kept = kept.subarray(-maxLogBytes);
    }
    return escapeControls(kept.subarray(-maxLogBytes).toString("utf8"));
  } catch (error) {
    throw containerFailure(connection.explain(error, { signal }), readLog(id), connection.address);
  }
}

/** Returns the log as two streams. The signal stays in effect until they end. */
export async function openContainerLogs(
  connection: EngineConnection,
  id: string,
  request: ContainerLogRequest,
  { signal }: EngineCall,
): Promise<Omit<ContainerOutput, "stdin">> {
  try {
    const { source, terminal } = await openLog(connection, id, request, { signal });
    return outputStreams(connection, source, { signal, terminal });
  } catch (error) {
    throw containerFailure(error, readLog(id), connection.address, logHint);
  }
}

const readLog = (id: string): string => `read the log of ${shownContainer(id)}`;
const logHint = "Check that the container exists, and that its log driver keeps a log that can be read.";

async function openLog(
  connection: EngineConnection,
  id: string,
  { follow = false, tail, since, timestamps = false }: ContainerLogRequest,
  { signal }: EngineCall,
): Promise<{ readonly source: IncomingMessage; readonly terminal: boolean }> {
  const path = containerPath(id);
  const container = await connection.ask({ method: "GET", path: `${path}/json`, signal });
  const query = {
    stdout: "1",
    stderr: "1",
    follow: follow ? "1" : undefined,
    tail: tail === undefined ? undefined : String(tail),
    since: since === undefined ? undefined : (since.getTime() / 1000).toFixed(3),
    timestamps: timestamps ? "1" : undefined,
  };
  const source = await connection.open({ method: "GET", path: `${path}/logs`, query, signal });
  return { source, terminal: fieldsOf(fieldsOf(container).Config).Tty === true };
}
