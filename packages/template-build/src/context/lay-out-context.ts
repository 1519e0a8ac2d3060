import { constants } from "node:fs";
import { chmod, lutimes, mkdir, open, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isImageSourceError, storageUnusable } from "@molecule/core";
import { contextEntries, type FileEntry } from "./context-entries.js";
import { contextIgnores, type ContextSubject } from "./context-ignores.js";
import { openFileEntry } from "./open-file-entry.js";
import { readSmallBytes } from "./read-small-file.js";
import { valuesOf } from "./coroutine.js";

/** The context to write, and where. */
export interface LayOutRequest extends ContextSubject {
  /** The time of every entry. */
  readonly modifiedAt: Date;
  /** Directory to create for the context, inside a directory that no other user can enter. */
  readonly target: string;
  /**
   * Where to copy the Dockerfile, which the context lacks if the ignore file lists it. Default: not copied.
   */
  readonly dockerfileTarget?: string | undefined;
  /** Called with the bytes written so far. */
  readonly onAmount?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Writes the build context to a directory, for builders that accept no stream: the same entries as `packContext`, with the
 * same modes and times. Rejects like `packContext`, and with `STORAGE_UNUSABLE` if the context cannot be written.
 */
export async function layOutContext(request: LayOutRequest): Promise<void> {
  const { directory, dockerfile, dockerfileTarget, modifiedAt, target, onAmount, signal } = request;
  const directories: string[] = [];
  let bytes = 0;
  const add = (written: number): void => {
    bytes += written;
    onAmount?.(bytes);
  };
  const makeDirectory = async (place: string): Promise<void> => {
    await mkdir(place);
    // A umask removes permissions that an engine's tar would have.
    await chmod(place, 0o755);
    directories.push(place);
  };
  try {
    await makeDirectory(target);
    const { matcher } = await contextIgnores(request);
    for await (const entry of valuesOf(contextEntries(directory, { matcher, always: [] }))) {
      signal.throwIfAborted();
      const place = join(target, entry.path);
      if (entry.kind === "directory") await makeDirectory(place);
      else if (entry.kind === "link") {
        await symlink(entry.target, place);
        await lutimes(place, modifiedAt, modifiedAt);
      } else await layOutFile(entry, place, request, add);
    }
    // Last, and deepest first: writing into a directory changes its time.
    for (const place of directories.reverse()) await utimes(place, modifiedAt, modifiedAt);
    if (dockerfileTarget !== undefined) {
      const content = (await readSmallBytes(directory, dockerfile)) ?? "";
      await writeFile(dockerfileTarget, content, { flag: "wx" });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isImageSourceError(error) || signal.aborted || typeof code !== "string") throw error;
    throw storageUnusable(target, code, error);
  }
}

const chunkBytes = 256 * 1024;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

async function layOutFile(
  entry: FileEntry,
  place: string,
  { modifiedAt, signal }: LayOutRequest,
  add: (bytes: number) => void,
): Promise<void> {
  const source = await openFileEntry(entry);
  try {
    const file = await open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, source.mode);
    try {
      const room = Buffer.allocUnsafe(Math.min(source.size + 1, chunkBytes));
      do {
        signal.throwIfAborted();
        const chunk = room.subarray(0, await source.read(room, 0));
        await file.writeFile(chunk);
        add(chunk.length);
      } while (!source.isRead);
      await file.chmod(source.mode);
      await file.utimes(modifiedAt, modifiedAt);
    } finally {
      await file.close();
    }
  } finally {
    source.close();
  }
}
