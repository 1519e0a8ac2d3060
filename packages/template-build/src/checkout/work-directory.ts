import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive, ownPid, ownUserId } from "./processes.js";

/** Where a checkout is made, beside the place where it will stand. Paths are absolute. */
export interface WorkDirectory {
  /** The working tree. */
  readonly tree: string;
  /** Empty, and stays so. */
  readonly home: string;
  readonly certificates: string;
  /**
   * Puts the tree into its place. What stood there, of whatever kind, is removed without being followed; where
   * another call puts its own at the same moment, either stays.
   */
  moveIntoPlace(): Promise<void>;
  /** Removes what is left of it. */
  remove(): Promise<void>;
}

const ownerOnly = 0o700;
const writableByAll = 0o002;

/**
 * Makes a work directory for `directory`, and its parents where they are missing; removes those that processes
 * which are gone have left. Rejects with the file system's error, or when the parent is not the user's own.
 */
export async function makeWorkDirectory(directory: string): Promise<WorkDirectory> {
  const [parent, name] = [dirname(directory), basename(directory)];
  await mkdir(parent, { recursive: true, mode: ownerOnly });
  await assertOwn(parent);
  await sweep(parent, name);
  const path = join(parent, partialName(name));
  await mkdir(path, { mode: ownerOnly });
  const work = {
    tree: join(path, "tree"),
    home: join(path, "home"),
    certificates: join(path, "certificates.pem"),
    async moveIntoPlace() {
      const old = join(path, "old");
      await rename(directory, old).catch(unless("ENOENT"));
      await rename(work.tree, directory).catch(unless("ENOTEMPTY", "EEXIST"));
    },
    remove: () => remove(path),
  };
  try {
    await mkdir(work.tree, { mode: ownerOnly });
    await mkdir(work.home, { mode: ownerOnly });
    return work;
  } catch (error) {
    await remove(path);
    throw error;
  }
}

function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  };
}

function partialName(name: string): string {
  return `.${name}.${String(ownPid)}.${randomBytes(4).toString("hex")}.partial`;
}

// Whoever can write here can put another tree in the place of the one that was checked.
async function assertOwn(parent: string): Promise<void> {
  const seen = await lstat(parent);
  const user = ownUserId();
  if (!seen.isDirectory())
    throw new UnsafePlace(parent, "it is not a directory of its own but a link or a file");
  if (user !== undefined && seen.uid !== user) throw new UnsafePlace(parent, "it belongs to another user");
  if ((seen.mode & writableByAll) !== 0) throw new UnsafePlace(parent, "every user can write there");
}

/** Others could change what is put there. */
export class UnsafePlace extends Error {
  constructor(
    readonly place: string,
    readonly why: string,
  ) {
    super(`${place}: ${why}`);
  }
}

async function sweep(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`.${name}.`)) continue;
    const [, owner] = /^\.(\d+)\.[0-9a-f]+\.partial$/.exec(entry.slice(name.length + 1)) ?? [];
    if (owner !== undefined && !isAlive(Number(owner))) await remove(join(parent, entry));
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
