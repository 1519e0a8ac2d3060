import {
  cancelled,
  isImageSourceError,
  type ContainerEngine,
  type ContainerOutput,
  type EngineCall,
  type EnsuredImage,
} from "@molecule/core";
import { containerConflict, containerFailed } from "./container-error.js";
import { containerSpec } from "./container-spec.js";
import type { StartRequest } from "./start-request.js";

/** A started container. */
export interface StartedContainer {
  readonly id: string;
  readonly name: string;
  readonly image: EnsuredImage;
  /** The engine that it runs on. */
  readonly engine: ContainerEngine;
  /** Undefined unless `attach` was set. */
  readonly output: ContainerOutput | undefined;
  /**
   * Settles when the container has exited and, with `autoRemove`, has been removed. With a restart policy, when it has
   * exited for the first time. Rejects with `CANCELLED` if the image provider is closed first; the container goes on.
   * You may ignore it: its own rejection never counts as unhandled. A promise derived from it, such as that of `then`,
   * needs its own handler.
   */
  readonly exited: Promise<{ readonly exitCode: number }>;
}

/** Creates a container by image ID, checks its image and starts it. Removes the container if that fails. */
export async function startContainer(
  engine: ContainerEngine,
  image: EnsuredImage,
  request: StartRequest,
  call: EngineCall,
): Promise<StartedContainer> {
  const spec = containerSpec(image, request);
  const { id } = await engine.createContainer(spec, call);
  try {
    const { files, attach = false, create } = request;
    const stdin = spec.stdin ?? create?.OpenStdin;
    const terminal = spec.terminal ?? create?.Tty;
    const output = attach ? await engine.attachContainer(id, { ...call, stdin, terminal }) : undefined;
    // Before the start, because a container that exits immediately may be removed.
    const exited = untilGone(engine, id, spec.autoRemove, call);
    exited.catch(() => undefined);
    const created = await engine.inspectContainer(id, call);
    if (created?.imageId !== image.imageId) {
      throw containerFailed(
        `container ${id} was created from ${created?.imageId ?? "nothing"}, not ${image.imageId}`,
      );
    }
    if (files !== undefined) await engine.copyIntoContainer(id, files, call);
    await engine.startContainer(id, call);
    if (call.signal?.aborted === true) throw cancelled();
    return { id, name: created.name, image, engine, output, exited };
  } catch (error) {
    // Without the caller's signal: an aborted call must leave nothing behind either.
    const isTaken = call.signal?.aborted !== true && (await hasLostName(engine, id, spec));
    await engine.removeContainer(id, { force: true }).catch(() => undefined);
    if (isTaken && spec.name !== undefined)
      throw containerConflict(spec.name, "another start replaced it", error);
    throw isImageSourceError(error) ? error : containerFailed(`container ${id} did not start`, error);
  }
}

/**
 * Whether another process has removed the container to start its own under the name: of two starts at the same time,
 * one removes the other's container, which has not started yet.
 */
async function hasLostName(
  engine: ContainerEngine,
  id: string,
  { name, autoRemove }: { readonly name: string | undefined; readonly autoRemove: boolean },
): Promise<boolean> {
  if (name === undefined) return false;
  try {
    const present = await engine.inspectContainer(name);
    if (present?.name === name) return present.id !== id;
    // The engine itself removes a container with auto-remove that cannot start.
    return !autoRemove && (await engine.inspectContainer(id)) === undefined;
  } catch {
    return false;
  }
}

/**
 * Waits for the exit and, with auto-remove, the removal: the engine reports the exit first, and keeps the name until
 * then.
 */
async function untilGone(
  engine: ContainerEngine,
  id: string,
  autoRemove: boolean,
  call: EngineCall,
): Promise<{ readonly exitCode: number }> {
  const exit = await engine.waitContainer(id, call);
  // The exit code counts even if the removal fails.
  if (autoRemove) await engine.removeContainer(id, { force: false }, call).catch(() => undefined);
  return exit;
}
