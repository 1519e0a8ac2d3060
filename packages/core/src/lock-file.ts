import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, readdir, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "./keyed-lock.js";
import { ownProcess, processState } from "./process-identity.js";

/*
 * A lock is a file that says which process holds it. It appears whole, by a link to a file that was written before, and
 * counts only as long as that process runs: no clock is asked, and nothing that stands there can bar the way for ever.
 */

const maxBytes = 4096;
/** After the name of the lock: a file that was about to become it, or that was put out of the way. */
const beside = /\.[0-9a-f]{32}$/;

interface Holder {
  /** As {@link ownProcess} answers it. */
  readonly process: string;
  /** Of this one taking. */
  readonly token: string;
}

interface Seen {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Undefined: not a lock of ours. */
  readonly holder: Holder | undefined;
}

/** Takes the lock, or answers undefined when a running process holds it. Rejects with the file system's error. */
export async function tryLockFile(path: string): Promise<Release | undefined> {
  const token = randomBytes(16).toString("hex");
  const own = `${path}.${token}`;
  await writeFile(own, JSON.stringify({ process: await ownProcess(), token } satisfies Holder), {
    flag: "wx",
    mode: 0o600,
  });
  try {
    while (!(await linked(own, path))) {
      const seen = await look(path);
      if (seen === undefined) continue;
      if ((await stateOf(seen)) === "running") return undefined;
      await putAside(path, seen);
    }
    return () => release(path, token);
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes what processes that are gone have left beside the locks of a directory. */
export async function sweepLockFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const seen = beside.test(name) ? await look(path) : undefined;
    if (seen === undefined || (await stateOf(seen)) === "running") continue;
    await rm(path, { recursive: true, force: true });
  }
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

/** Of two that put the same dead lock aside, the second may catch the new lock of the first: that goes back. */
async function putAside(path: string, seen: Seen): Promise<void> {
  const aside = `${path}.${randomBytes(16).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = await look(aside);
  const isSame =
    moved?.dev === seen.dev && moved.ino === seen.ino && moved.holder?.token === seen.holder?.token;
  if (!isSame) await link(aside, path).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

/** What stands there; undefined when nothing does. Links are not followed. */
async function look(path: string): Promise<Seen | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    const { dev, ino } = stats;
    const text = stats.isFile() && stats.size <= BigInt(maxBytes) ? await read(path) : "";
    return { dev, ino, holder: parse(text) };
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
