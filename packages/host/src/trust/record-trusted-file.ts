import { chmod, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, isImageSourceError, storageUnusable, type Release } from "@molecule/core";
import { ownUserId, replaceFile, tryLockFile } from "@molecule/node-edges";
import { readTrustedFiles, trustedFilesText, type TrustedFile } from "./trusted-files.js";

const ownerOnlyDirectory = 0o700;
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
  try {
    await makeOwn(directory);
    const release = await taken(`${place}.lock`, options);
    try {
      const others = (await readTrustedFiles(place)).filter(({ path }) => path !== entry.path);
      await replaceFile(place, trustedFilesText([...others, entry]));
    } finally {
      await release();
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

/** A writer that was killed bars nobody's way; one that runs is waited for. */
async function taken(lock: string, { signal, waitMs = 5_000 }: RecordOptions): Promise<Release> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (signal?.aborted === true) throw cancelled();
    const release = await tryLockFile(lock);
    if (release !== undefined) return release;
    if (performance.now() > deadline) throw storageUnusable(lock, "another molecule-image trust is using it");
    await sleep(10 + Math.random() * 20);
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
