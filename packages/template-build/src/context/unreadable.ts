import { ImageSourceError, isImageSourceError, storageUnusable, systemCode } from "@molecule/core";

/** A file that was a link, or a link that was a file, a moment ago. */
const ofAnotherKind: ReadonlySet<string> = new Set(["ELOOP", "EINVAL"]);

/** Whether a file operation failed because there is nothing at that path. */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
}

/** The checkout changed while it was being read. */
export function changedDuringRead(path: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `${JSON.stringify(path)} of the template changed while it was packed`,
    hint: "Keep other programs from writing to the build cache, then retry.",
    cause,
  });
}

/** Converts an error from reading `path` of a checkout to a typed one; typed errors stay as they are. */
export function unreadable(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (isImageSourceError(error) || code === undefined) return error;
  if (isAbsent(error) || ofAnotherKind.has(code)) return changedDuringRead(path, error);
  return storageUnusable(`${JSON.stringify(path)} of the template`, code, error);
}
