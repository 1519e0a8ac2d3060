import { constants } from "node:fs";
import { chmod, lutimes, mkdir, open, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isImageSourceError, storageUnusable, type BuildContext, type ContextEntry } from "@molecule/core";

/** Where to write a context. */
export interface LayOutRequest {
  /** Directory to create for the context, inside a directory that no other user can enter. */
  readonly target: string;
  /** Where to copy the Dockerfile, which the context lacks if the ignore file lists it. */
  readonly dockerfileTarget: string;
  readonly signal: AbortSignal;
  /** Time of the files, in seconds since 1970. Default: the context's. */
  readonly fileTime?: number;
}

/**
 * Writes a build context to a directory, for builders that accept no stream, with the modes and times of an archive.
 * Rejects like reading the context, and with `STORAGE_UNUSABLE` if the context cannot be written.
 */
export async function layOutContext(context: BuildContext, request: LayOutRequest): Promise<void> {
  const { modifiedAt } = context;
  const { target, dockerfileTarget, signal, fileTime = modifiedAt } = request;
  const directories: string[] = [];
  const makeDirectory = async (place: string): Promise<void> => {
    await mkdir(place);
    // A umask removes permissions that an engine's tar would have.
    await chmod(place, 0o755);
    directories.push(place);
  };
  try {
    await makeDirectory(target);
    for await (const entry of context.entries()) {
      const place = join(target, entry.path);
      if (entry.kind === "directory") await makeDirectory(place);
      else if (entry.kind === "link") {
        await symlink(entry.target, place);
        await lutimes(place, modifiedAt, modifiedAt);
      } else await layOutFile(context, entry, place, fileTime);
    }
    // Last, and deepest first: writing into a directory changes its time.
    for (const place of directories.reverse()) await utimes(place, modifiedAt, modifiedAt);
    await writeFile(dockerfileTarget, await context.readDockerfile(), { flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isImageSourceError(error) || signal.aborted || typeof code !== "string") throw error;
    throw storageUnusable(target, code, error);
  }
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

async function layOutFile(
  context: BuildContext,
  entry: ContextEntry,
  place: string,
  time: Date | number,
): Promise<void> {
  const file = await open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, entry.mode);
  try {
    for await (const chunk of context.open(entry)) await file.writeFile(chunk);
    await file.chmod(entry.mode);
    await file.utimes(time, time);
  } finally {
    await file.close();
  }
}
