import { chmod, mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, isImageSourceError, storageUnusable } from "@molecule/core";
import { ownUserId } from "./node-edges.js";
import { readTrustedFiles, trustedFilesText, type TrustedFile } from "./trusted-files.js";

const ownerOnlyDirectory = 0o700;
const ownerOnlyFile = 0o600;
const modeBits = 0o777;

export interface RecordOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another writer. Default: 5 s. */
  readonly waitMs?: number;
}

/**
 * Records one accepted file; an earlier record of that path is replaced, every other one is kept. Rejects with
 * `CONFIG_INVALID` when what is there cannot be believed (and leaves it as it is), `STORAGE_UNUSABLE` or `CANCELLED`.
 */
export async function recordTrustedFile(
  place: string,
  entry: TrustedFile,
  options: RecordOptions = {},
): Promise<void> {
  const directory = dirname(place);
  // As git does it: the next content is the lock, and renaming it gives it up.
  const next = `${place}.lock`;
  try {
    await makeOwn(directory);
    const handle = await openAlone(next, options);
    try {
      await fill(handle, async () => {
        const others = (await readTrustedFiles(place)).filter(({ path }) => path !== entry.path);
        return trustedFilesText([...others, entry]);
      });
      await rename(next, place);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
    await settle(directory);
  } catch (error) {
    if (isImageSourceError(error)) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw storageUnusable(path ?? place, code, error);
  }
}

async function makeOwn(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: ownerOnlyDirectory });
  const { uid, mode } = await stat(directory);
  const user = ownUserId();
  if (user !== undefined && uid !== user) throw storageUnusable(directory, "it belongs to another user");
  if ((mode & modeBits) !== ownerOnlyDirectory) await chmod(directory, ownerOnlyDirectory);
}

async function openAlone(file: string, { signal, waitMs = 5_000 }: RecordOptions): Promise<FileHandle> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (signal?.aborted === true) throw cancelled();
    try {
      return await open(file, "wx", ownerOnlyFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      // It is never taken away from its owner: two who do that at once would take each other's.
      if (performance.now() > deadline) {
        throw storageUnusable(file, "another process holds it", error).with({
          hint: `Wait for the other molecule-image trust; if there is none, one was killed: remove ${file}.`,
        });
      }
    }
    await sleep(10 + Math.random() * 20);
  }
}

async function fill(handle: FileHandle, text: () => Promise<string>): Promise<void> {
  try {
    // A umask can only take away.
    await handle.chmod(ownerOnlyFile);
    await handle.writeFile(await text());
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename outlive a power cut, where the file system can do that for a directory. */
async function settle(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
