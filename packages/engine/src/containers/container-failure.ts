import { ImageSourceError } from "@molecule/core";
import { engineFull, EngineRefusal } from "../connection/engine-errors.js";
import { oneLine } from "../connection/one-line.js";

export function containerPath(nameOrId: string): string {
  return `/containers/${encodeURIComponent(nameOrId)}`;
}

/** Maps a refusal about a container to its error; returns any other error unchanged. */
export function containerFailure(
  error: unknown,
  container: string,
  address: string,
  hint = "Check the container's settings, and that the image exists, fits the engine's platform and contains the command.",
): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  return (
    engineFull(address, error.text, error) ??
    new ImageSourceError({
      code: "CONTAINER_FAILED",
      message: `the container engine refuses ${container}: ${oneLine(error.text)}`,
      hint,
      cause: error,
    })
  );
}

/** Returns the error for a name in use, or a container in a conflicting state. */
export function containerConflict(error: EngineRefusal, container: string, hint: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the container engine reports a conflict for ${container}: ${oneLine(error.text)}`,
    hint,
    cause: error,
  });
}

/** Whether the error is a refusal with one of these statuses. */
export function isRefusal(error: unknown, ...statuses: readonly number[]): error is EngineRefusal {
  return error instanceof EngineRefusal && statuses.includes(error.status);
}
