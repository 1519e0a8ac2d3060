import type {
  ContainerFilter,
  ContainerInspection,
  ContainerSummary,
  EngineCall,
  TerminalSize,
} from "@molecule/core";
import {
  containerConflict,
  containerFailure,
  containerPath,
  isRefusal,
  shownContainer,
} from "./container-failure.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { engineRefused, EngineRefusal } from "../connection/engine-errors.js";
import { someWorkMs } from "../connection/engine-request.js";
import { fullId } from "../images/image-facts.js";
import { fieldsOf, numberOf, textMapOf, textOf, textsOf } from "../connection/json-fields.js";

const gone = [304, 404];

export async function startContainer(
  connection: EngineConnection,
  id: string,
  { signal }: EngineCall,
): Promise<void> {
  try {
    const path = `${containerPath(id)}/start`;
    await connection.ask({ method: "POST", path, workMs: someWorkMs, signal });
  } catch (error) {
    if (isRefusal(error, 304)) return;
    const action = `start ${shownContainer(id)}`;
    // Measured: `container is marked for removal and cannot be started`.
    if (isRefusal(error, 409))
      throw containerConflict(error, action, "Start a new container: this one is being removed.");
    throw containerFailure(error, action, connection.address);
  }
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
    if (isRefusal(error, ...harmless)) return;
    throw containerFailure(error, `${verb} ${shownContainer(id)}`, connection.address);
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
    // Podman returns status 500, as for any failure.
    const isRunning = isRefusal(error, 500) && !force && (await isFoundRunning(connection, id, call));
    const action = `remove ${shownContainer(id)}`;
    if (!isRunning && !isRefusal(error, 409)) throw containerFailure(error, action, connection.address);
    // Measured, for a container with auto-remove: `removal of container 4c01… is already in progress`.
    if (error.text.includes("is already in progress"))
      await post(connection, id, "wait", removed, gone, call);
    else throw containerConflict(error, action, "Stop it first, or force its removal.");
  }
}

async function isFoundRunning(connection: EngineConnection, id: string, call: EngineCall): Promise<boolean> {
  const present = await inspectContainer(connection, id, call).catch(() => undefined);
  return present?.running === true;
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
  { labels = [] }: ContainerFilter,
  { signal }: EngineCall,
): Promise<readonly ContainerSummary[]> {
  try {
    const filters = labels.length === 0 ? undefined : JSON.stringify({ label: labels });
    const query = { all: "1", filters };
    const response = await connection.ask({ method: "GET", path: "/containers/json", query, signal });
    const rows: readonly unknown[] = Array.isArray(response) ? response : [];
    return rows.map(fieldsOf).map((row) => ({
      id: textOf(row.Id),
      name: (textsOf(row.Names)[0] ?? "").replace(/^\//, ""),
      imageId: fullId(textOf(row.ImageID)),
      labels: textMapOf(row.Labels),
      state: textOf(row.State),
    }));
  } catch (error) {
    throw error instanceof EngineRefusal ? engineRefused(connection.address, error) : error;
  }
}
