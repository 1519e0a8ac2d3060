import { ImageSourceError, isImageSourceError } from "@molecule/core";

/** Runs `work` on a working copy. If a file changes, the error names the directory, and what to do there. */
export async function withWorkingCopyFaults<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const hasChanged = isImageSourceError(error) && error.code === "CHECKOUT_FAILED";
    throw hasChanged ? workingCopyChanged(path, error) : error;
  }
}

/** The working copy changed between the lookup and the end of the build. */
export function workingCopyChanged(path: string, cause?: ImageSourceError): ImageSourceError {
  const detail = cause === undefined ? "" : `: ${cause.message}`;
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `the working copy ${path} changed while it was read${detail}`,
    hint: "Retry once nothing writes to the directory; list files that change all the time in .dockerignore.",
    cause,
  });
}

/** A file of the working copy cannot be read. */
export function workingCopyUnreadable(path: string, cause: ImageSourceError): ImageSourceError {
  return new ImageSourceError({
    code: cause.code,
    message: `cannot read the working copy ${path}: ${cause.message}`,
    hint: "Make the file readable for this user, or list it in .dockerignore.",
    cause,
  });
}
