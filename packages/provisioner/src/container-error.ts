import { ImageSourceError } from "@molecule/core";

export function containerFailed(message: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_FAILED",
    message,
    hint: "Check the template's entry point and the engine's log.",
    cause,
  });
}

export function containerConflict(name: string, why: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the container name ${name} is in use: ${why}`,
    hint: "Stop and remove the container, or choose another name.",
    cause,
  });
}

export function usage(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "USAGE", message, hint });
}
