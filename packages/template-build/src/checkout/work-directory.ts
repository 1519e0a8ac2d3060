import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeOwnDirectories, ownerOnly } from "./own-directories.js";
import { isAlive, ownPid } from "./processes.js";

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

/**
 * Makes a work directory for `directory`, and its parents where they are missing; removes those that processes
 * which are gone have left. Rejects as {@link makeOwnDirectories} does.
 * @param base the highest directory above that must be the user's own
 */
export async function makeWorkDirectory(directory: string, base: string): Promise<WorkDirectory> {
  const name = basename(directory);
  const parent = await makeOwnDirectories(base, dirname(directory));
  const place = join(parent, name);
  await sweep(parent, name);
  const path = join(parent, partialName(name));
  await mkdir(path, { mode: ownerOnly });
  const work = {
    tree: join(path, "tree"),
    home: join(path, "home"),
    certificates: join(path, "certificates.pem"),
    async moveIntoPlace() {
      const old = join(path, "old");
      await rename(place, old).catch(unless("ENOENT"));
      await rename(work.tree, place).catch(unless("ENOTEMPTY", "EEXIST"));
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
