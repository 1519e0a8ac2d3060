import {
  cancelled,
  isImageSourceError,
  type ContainerEngine,
  type ContainerOutput,
  type ContainerSpec,
  type EngineCall,
  type EnsuredImage,
} from "@molecule/core";
import { containerFailed } from "./container-error.js";

/** A started container. */
export interface StartedContainer {
  readonly id: string;
  readonly name: string;
  readonly image: EnsuredImage;
  /** The engine that it runs on. */
  readonly engine: ContainerEngine;
  /** Undefined unless `attach` was set. */
  readonly output: ContainerOutput | undefined;
  /** Settles when the container has exited and, with `autoRemove`, has been removed. */
  readonly exited: Promise<{ readonly exitCode: number }>;
}

/** Creates a container by image ID, checks its image and starts it. Removes the container if that fails. */
export async function startContainer(
  engine: ContainerEngine,
  image: EnsuredImage,
  spec: ContainerSpec,
  attach: boolean,
  call: EngineCall,
): Promise<StartedContainer> {
  const { id } = await engine.createContainer(spec, call);
  try {
    const { stdin, terminal } = spec;
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
    await engine.startContainer(id, call);
    if (call.signal?.aborted === true) throw cancelled();
    return { id, name: created.name, image, engine, output, exited };
  } catch (error) {
    // Without the caller's signal: an aborted call must leave nothing behind either.
    await engine.removeContainer(id, { force: true }).catch(() => undefined);
    throw isImageSourceError(error) ? error : containerFailed(`container ${id} did not start`, error);
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
