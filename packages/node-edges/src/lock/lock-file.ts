import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, readdir, rm, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "@molecule/core";
import { ownProcess, processState } from "../run/process-identity.js";

/*
 * A lock is a file that names the process that holds it. It is created atomically by linking a complete file, and is
 * valid only while that process runs. So no clock is needed, and a stale file never blocks forever.
 */

const maxBytes = 4096;
/** Matches a file about to be linked as the lock, and captures its process. It may be incomplete. */
const pendingFile = /\.lock\.([^.]+)\.[0-9a-f]{16}$/;

interface Holder {
  /** As returned by {@link ownProcess}. */
  readonly process: string;
  /** Identifies this acquisition. */
  readonly token: string;
}

interface Seen {
  /** Undefined if it is not a lock of ours. */
  readonly holder: Holder | undefined;
}

/** Takes the lock; returns undefined if a running process holds it. Rejects with the file system's error. */
export async function tryLockFile(path: string): Promise<Release | undefined> {
  const holder: Holder = { process: await ownProcess(), token: randomBytes(8).toString("hex") };
  const own = `${path}.${holder.process}.${holder.token}`;
  await writeFile(own, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
  try {
    while (!(await tryLink(own, path))) {
      const seen = await readLock(path);
      if (seen === undefined) continue;
      if ((await stateOf(seen)) === "running" || !(await removeStale(path, own))) return undefined;
    }
    return () => release(path, holder.token);
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Removes a stale lock; returns false if another process is about to. Only the holder of the guard file does
 * that: otherwise a second process could remove the new lock of the first.
 */
async function removeStale(path: string, own: string): Promise<boolean> {
  const guard = `${path}.guard`;
  if (!(await tryLink(own, guard))) {
    const other = await readLock(guard);
    // Its holder was killed during these few lines. Two processes may pass here; no result depends on it.
    if (other !== undefined && (await stateOf(other)) !== "running")
      await rm(guard, { recursive: true, force: true });
    return false;
  }
  try {
    const seen = await readLock(path);
    if (seen !== undefined && (await stateOf(seen)) !== "running")
      await rm(path, { recursive: true, force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Removes the files of processes that have ended from a directory of locks. */
export async function sweepLockFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const [, process] = pendingFile.exec(name) ?? [];
    if (process !== undefined && (await processState(process)) === "gone") await rm(path, { force: true });
    else if (name.endsWith(".lock")) await sweepLock(path);
  }
}

async function sweepLock(path: string): Promise<void> {
  const seen = await readLock(path);
  if (seen === undefined || (await stateOf(seen)) !== "gone") return;
  const release = await tryLockFile(path);
  await release?.();
}

function stateOf({ holder }: Seen): ReturnType<typeof processState> {
  return processState(holder?.process ?? "");
}

async function tryLink(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function release(path: string, token: string): Promise<void> {
  try {
    // Another process may have taken it over.
    if ((await readLock(path))?.holder?.token === token) await rm(path, { force: true });
  } catch {
    // The lock becomes stale when this process ends.
  }
}

/** Reads the lock; returns undefined if it does not exist. Links are not followed. */
async function readLock(path: string): Promise<Seen | undefined> {
  try {
    const stats = await lstat(path);
    return { holder: parse(stats.isFile() && stats.size <= maxBytes ? await read(path) : "") };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Returns an empty text if the file has changed or cannot be read, because it is then not a lock. */
async function read(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw error;
    return "";
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { process, token } = JSON.parse(text) as Record<string, unknown>;
    if (typeof process === "string" && typeof token === "string") return { process, token };
  } catch {
    // Not a lock.
  }
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
