import { ImageSourceError, oneLine } from "@molecule/core";
import { engineFull, EngineRefusal } from "../connection/engine-errors.js";

export function containerPath(nameOrId: string): string {
  return `/containers/${encodeURIComponent(nameOrId)}`;
}

/** Returns a container as errors name it: by its name, or by its ID as the docker CLI shows it. */
export function shownContainer(nameOrId: string): string {
  return `container ${/^[0-9a-f]{64}$/.test(nameOrId) ? nameOrId.slice(0, 12) : nameOrId}`;
}

/**
 * Maps a refusal about a container to its error; returns any other error unchanged.
 * @param action what was refused, to follow "cannot", such as `start container ws-42`
 */
export function containerFailure(
  error: unknown,
  action: string,
  address: string,
  hint = "Check the container's settings, and that the image exists, fits the engine's platform and contains the command.",
): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  return (
    engineFull(address, error.text, error) ??
    new ImageSourceError({
      code: "CONTAINER_FAILED",
      message: `cannot ${action}: ${oneLine(error.text)}`,
      hint,
      cause: error,
    })
  );
}

/** Returns the error for a name in use, or a container in a conflicting state. `action` is as above. */
export function containerConflict(error: EngineRefusal, action: string, hint: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `cannot ${action}: ${oneLine(error.text)}`,
    hint,
    cause: error,
  });
}

/** Whether the error is a refusal with one of these statuses. */
export function isRefusal(error: unknown, ...statuses: readonly number[]): error is EngineRefusal {
  return error instanceof EngineRefusal && statuses.includes(error.status);
}
