import { ImageSourceError, isImageSourceError } from "@molecule/core";

/** Runs `work` on a working copy. Its errors from reading files name the directory, and how to fix them there. */
export async function withWorkingCopyFaults<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isImageSourceError(error)) throw error;
    if (error.code === "CHECKOUT_FAILED") throw workingCopyChanged(path, error);
    throw error;
  }
}

/** The working copy changed between the look-up and the end of the build. */
export function workingCopyChanged(path: string, cause?: ImageSourceError): ImageSourceError {
  const detail = cause === undefined ? "" : `: ${cause.message}`;
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `the working copy ${path} changed while it was read${detail}`,
    hint: "Retry once nothing writes to the directory; list files that change all the time in .dockerignore.",
    cause,
  });
}
