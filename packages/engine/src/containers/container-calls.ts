import {
  escapeControls,
  type ContainerInspection,
  type ContainerSummary,
  type EngineCall,
  type TerminalSize,
} from "@molecule/core";
import { containerConflict, containerFailure, containerPath, isRefusal } from "./container-failure.js";
import { outputPieces } from "./container-frames.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { engineRefused, EngineRefusal } from "../connection/engine-errors.js";
import { someWorkMs } from "../connection/engine-request.js";
import { fullId } from "../images/image-facts.js";
import { fieldsOf, numberOf, textMapOf, textOf, textsOf } from "../connection/json-fields.js";

const gone = [304, 404];
const maxLogBytes = 256 * 1024;

export async function startContainer(
  connection: EngineConnection,
  id: string,
  call: EngineCall,
): Promise<void> {
  await post(connection, id, "start", {}, [304], call);
}

export async function signalContainer(
  connection: EngineConnection,
  id: string,
  signal: string,
  call: EngineCall,
): Promise<void> {
  // 409: it is no longer running.
  await post(connection, id, "kill", { signal }, [...gone, 409], call);
}

export async function resizeContainer(
  connection: EngineConnection,
  id: string,
  { columns, rows }: TerminalSize,
  call: EngineCall,
): Promise<void> {
  // 409, or 500 from Podman: it is no longer running.
  await post(connection, id, "resize", { w: String(columns), h: String(rows) }, [...gone, 409, 500], call);
}

export async function stopContainer(
  connection: EngineConnection,
  id: string,
  { graceSeconds }: { readonly graceSeconds: number },
  call: EngineCall,
): Promise<void> {
  const workMs = graceSeconds * 1000 + someWorkMs;
  await post(connection, id, "stop", { t: String(Math.ceil(graceSeconds)) }, gone, call, workMs);
}

async function post(
  connection: EngineConnection,
  id: string,
  verb: string,
  query: Readonly<Record<string, string>>,
  harmless: readonly number[],
  { signal }: EngineCall,
  workMs = someWorkMs,
): Promise<void> {
  try {
    await connection.ask({ method: "POST", path: `${containerPath(id)}/${verb}`, query, workMs, signal });
  } catch (error) {
    if (!isRefusal(error, ...harmless)) throw containerFailure(error, id, connection.address);
  }
}

export async function removeContainer(
  connection: EngineConnection,
  id: string,
  { force }: { readonly force: boolean },
  call: EngineCall,
): Promise<void> {
  const { signal } = call;
  const query = { v: "1", force: force ? "1" : undefined };
  try {
    await connection.ask({ method: "DELETE", path: containerPath(id), query, workMs: someWorkMs, signal });
  } catch (error) {
    if (isRefusal(error, 404)) return;
    if (!isRefusal(error, 409)) throw containerFailure(error, id, connection.address);
    // Measured, for a container with auto-remove: `removal of container 4c01… is already in progress`.
    if (error.text.includes("is already in progress"))
      await post(connection, id, "wait", removed, gone, call);
    else throw containerConflict(error, id, "Stop it first, or force its removal.");
  }
}

const removed = { condition: "removed" };

export async function inspectContainer(
  connection: EngineConnection,
  nameOrId: string,
  { signal }: EngineCall,
): Promise<ContainerInspection | undefined> {
  try {
    const path = `${containerPath(nameOrId)}/json`;
    const container = fieldsOf(await connection.ask({ method: "GET", path, signal }));
    const state = fieldsOf(container.State);
    return {
      id: textOf(container.Id),
      name: textOf(container.Name).replace(/^\//, ""),
      imageId: textOf(container.Image),
      labels: textMapOf(fieldsOf(container.Config).Labels),
      running: state.Running === true,
      exitCode: numberOf(state.ExitCode),
      error: textOf(state.Error),
    };
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error instanceof EngineRefusal ? engineRefused(connection.address, error) : error;
  }
}

export async function listContainers(
  connection: EngineConnection,
  { signal }: EngineCall,
): Promise<readonly ContainerSummary[]> {
  try {
    const query = { all: "1" };
    const response = await connection.ask({ method: "GET", path: "/containers/json", query, signal });
    const rows: readonly unknown[] = Array.isArray(response) ? response : [];
    return rows.map(fieldsOf).map((row) => ({
      id: textOf(row.Id),
      name: (textsOf(row.Names)[0] ?? "").replace(/^\//, ""),
      imageId: fullId(textOf(row.ImageID)),
    }));
  } catch (error) {
    throw error instanceof EngineRefusal ? engineRefused(connection.address, error) : error;
  }
}

/** Returns the escaped log, at most its last 256 KiB. */
export async function containerLogs(
  connection: EngineConnection,
  id: string,
  { tail }: { readonly tail: number },
  { signal }: EngineCall,
): Promise<string> {
  const query = { stdout: "1", stderr: "1", tail: String(tail) };
  try {
    const response = await connection.open({
      method: "GET",
      path: `${containerPath(id)}/logs`,
      query,
      signal,
    });
    let kept = Buffer.alloc(0);
    for await (const { bytes } of outputPieces(response)) {
      kept = Buffer.concat([kept, bytes]);
      if (kept.length > 2 * maxLogBytes) kept = kept.subarray(-maxLogBytes);
    }
    return escapeControls(kept.subarray(-maxLogBytes).toString("utf8"));
  } catch (error) {
    throw containerFailure(connection.explain(error, { signal }), id, connection.address);
  }
}
