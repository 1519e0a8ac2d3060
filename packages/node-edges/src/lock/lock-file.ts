import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, readdir, rm, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "@molecule/core";
import { ownProcess, processState } from "../run/process-identity.js";

/*
 * A lock is a file that says which process holds it. It appears whole, by a link to a file that was written before, and
 * counts only as long as that process runs: no clock is asked, and nothing that stands there can bar the way for ever.
 */

const maxBytes = 4096;
/** After the name of the lock: a file that is about to become it, and whose. It may not be written yet. */
const beside = /\.lock\.([^.]+)\.[0-9a-f]{16}$/;

interface Holder {
  /** As {@link ownProcess} answers it. */
  readonly process: string;
  /** Of this one taking. */
  readonly token: string;
}

interface Seen {
  /** Undefined: not a lock of ours. */
  readonly holder: Holder | undefined;
}

/** Takes the lock, or answers undefined when a running process holds it. Rejects with the file system's error. */
export async function tryLockFile(path: string): Promise<Release | undefined> {
  const holder: Holder = { process: await ownProcess(), token: randomBytes(8).toString("hex") };
  const own = `${path}.${holder.process}.${holder.token}`;
  await writeFile(own, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
  try {
    while (!(await linked(own, path))) {
      const seen = await look(path);
      if (seen === undefined) continue;
      if ((await stateOf(seen)) === "running" || !(await cleared(path, own))) return undefined;
    }
    return () => release(path, holder.token);
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Removes a lock that does not count; false when somebody else is about to. Only who holds the guard beside it does
 * that: of two, the second would remove what the first has put there.
 */
async function cleared(path: string, own: string): Promise<boolean> {
  const guard = `${path}.guard`;
  if (!(await linked(own, guard))) {
    const other = await look(guard);
    // Killed within these few lines. Two who find that at once may both go on: no result hangs on the lock.
    if (other !== undefined && (await stateOf(other)) !== "running")
      await rm(guard, { recursive: true, force: true });
    return false;
  }
  try {
    const seen = await look(path);
    if (seen !== undefined && (await stateOf(seen)) !== "running")
      await rm(path, { recursive: true, force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Removes what processes that are known to be gone have left in a directory of locks. */
export async function sweepLockFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const [, process] = beside.exec(name) ?? [];
    if (process !== undefined && (await processState(process)) === "gone") await rm(path, { force: true });
    else if (name.endsWith(".lock")) await sweepLock(path);
  }
}

async function sweepLock(path: string): Promise<void> {
  const seen = await look(path);
  if (seen === undefined || (await stateOf(seen)) !== "gone") return;
  const release = await tryLockFile(path);
  await release?.();
}

function stateOf({ holder }: Seen): ReturnType<typeof processState> {
  return processState(holder?.process ?? "");
}

async function linked(own: string, path: string): Promise<boolean> {
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
    // Somebody may have taken over: then it is theirs to remove.
    if ((await look(path))?.holder?.token === token) await rm(path, { force: true });
  } catch {
    // It ends with this process.
  }
}

/** What stands there; undefined when nothing does. Links are not followed. */
async function look(path: string): Promise<Seen | undefined> {
  try {
    const stats = await lstat(path);
    return { holder: parse(stats.isFile() && stats.size <= maxBytes ? await read(path) : "") };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Empty when it has become something else, or cannot be read: no lock of ours is like that. */
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
    // Somebody else has put it there.
  }
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
