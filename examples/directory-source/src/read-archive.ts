import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { cancelled, ImageSourceError, isImageSourceError, storageUnusable, systemCode } from "@molecule/core";

/** Options for reading an archive. */
export interface ReadArchive {
  readonly signal: AbortSignal;
  /** A new file to copy it to. */
  readonly copyTo?: string;
  readonly onBytes?: (done: number) => void;
}

/** Returns the SHA-256 of an archive's content, and copies it if asked to. Rejects with typed errors. */
export async function readArchive(path: string, { signal, copyTo, onBytes }: ReadArchive): Promise<string> {
  const hash = createHash("sha256");
  const cannotCopy = (cause: unknown): never => {
    throw storageUnusable(copyTo ?? "", systemCode(cause) ?? String(cause), cause);
  };
  const to = copyTo === undefined ? undefined : await open(copyTo, "wx", 0o600).catch(cannotCopy);
  let done = 0;
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await to?.writeFile(chunk).catch(cannotCopy);
      onBytes?.((done += chunk.length));
    }
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw await readError(path, error);
  } finally {
    await to?.close();
  }
  return hash.digest("hex");
}

async function readError(path: string, cause: unknown): Promise<ImageSourceError> {
  if (isImageSourceError(cause)) return cause;
  const { code = "unknown error" } = cause as NodeJS.ErrnoException;
  const failed = { message: `cannot read ${path}: ${code}`, cause };
  if (code === "EACCES" || code === "EPERM")
    return new ImageSourceError({
      ...failed,
      code: "SOURCE_DENIED",
      hint: "Allow this user to read the file.",
    });
  // A missing directory is a missing mount, which may come back.
  const hasDirectory =
    code === "ENOENT" &&
    (await stat(dirname(path)).then(
      () => true,
      () => false,
    ));
  if (hasDirectory)
    return new ImageSourceError({
      ...failed,
      code: "SOURCE_NOT_FOUND",
      message: `${path} does not exist`,
      hint: `Create it with: docker save -o ${path} IMAGE`,
    });
  const hint = "Check options.directory.directory, and that the directory is mounted.";
  return new ImageSourceError({ ...failed, code: "SOURCE_UNREACHABLE", hint, transient: {} });
}
