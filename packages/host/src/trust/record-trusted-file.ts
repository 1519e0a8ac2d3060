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
 * Records one trusted file, replacing an earlier record of its path. Rejects with `CONFIG_INVALID` when the existing
 * record is invalid (and does not change it), `STORAGE_UNUSABLE` or `CANCELLED`.
 */
export async function recordTrustedFile(
  place: string,
  entry: TrustedFile,
  options: RecordOptions = {},
): Promise<void> {
  const directory = dirname(place);
  try {
    await makeOwn(directory);
    const release = await acquireLock(`${place}.lock`, options);
    try {
      const others = (await readTrustedFiles(place)).filter(({ path }) => path !== entry.path);
      await replaceFile(place, trustedFilesText([...others, entry]));
    } finally {
      await release();
    }
    await syncDirectory(directory);
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

/** Waits for a running writer. The lock of a killed process is released by the system. */
async function acquireLock(lock: string, { signal, waitMs = 5_000 }: RecordOptions): Promise<Release> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (signal?.aborted === true) throw cancelled();
    const release = await tryLockFile(lock);
    if (release !== undefined) return release;
    if (performance.now() > deadline)
      throw storageUnusable(lock, "another molecule-image trust process holds it");
    await sleep(10 + Math.random() * 20);
  }
}

/** Makes the rename survive a power failure, if the file system can sync directories. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
