import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, type Env } from "@molecule/core";
import { makeOwnDirectories, ownerOnly, ownProcess, processState } from "@molecule/node-edges";
import { endOrphans } from "./end-orphans.js";

/** Where a checkout is prepared, beside its final place. Paths are absolute. */
export interface WorkDirectory {
  /** The working tree. */
  readonly tree: string;
  /** An empty directory that stays empty. */
  readonly home: string;
  readonly certificates: string;
  /** An empty directory for the user of the tree. */
  readonly scratch: string;
  /**
   * Moves the tree into its place. Anything already there, of any kind, is removed without being followed. If another
   * call moves its own tree there at the same time, one of the two stays.
   */
  moveIntoPlace(): Promise<void>;
  /** Removes any remaining files. */
  remove(): Promise<void>;
}

/**
 * Creates a work directory for `directory`, with any missing parents. Removes work directories that ended processes
 * have left there, for any commit. Rejects as {@link makeOwnDirectories} does.
 * @param base the highest directory above that must be the user's own
 */
export async function makeWorkDirectory(
  directory: string,
  base: string,
  env: Env = {},
): Promise<WorkDirectory> {
  const name = basename(directory);
  const parent = await makeOwnDirectories(base, dirname(directory), env);
  const place = join(parent, name);
  await sweep(parent);
  const path = join(parent, await partialName(name));
  await mkdir(path, { mode: ownerOnly });
  const work = {
    tree: join(path, "tree"),
    home: join(path, "home"),
    certificates: join(path, "certificates.pem"),
    scratch: join(path, "scratch"),
    async moveIntoPlace() {
      const old = join(path, "old");
      await setAside(place, old);
      await rename(work.tree, place).catch(unless("ENOTEMPTY", "EEXIST"));
    },
    remove: () => remove(path),
  };
  try {
    await mkdir(work.tree, { mode: ownerOnly });
    await mkdir(work.home, { mode: ownerOnly });
    await mkdir(work.scratch, { mode: ownerOnly });
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

/** The owning process follows the name of the checkout. */
async function partialName(name: string): Promise<string> {
  return `.${name}.${await ownProcess()}.${randomBytes(4).toString("hex")}.partial`;
}

/** Returns the checkout that a work directory belongs to, and its owning process; undefined for other directories. */
export function workDirectoryFacts(
  name: string,
): { readonly checkout: string; readonly owner: string } | undefined {
  const [, checkout, owner] = /^\.(.+)\.([^.]+)\.[0-9a-f]+\.partial$/.exec(name) ?? [];
  return checkout === undefined || owner === undefined ? undefined : { checkout, owner };
}

/**
 * Removes a checkout or a work directory. It is first moved out of its place. If the removal is interrupted, the rest
 * is swept like any other. A directory that is already gone is not an error. Rejects with the file system's error.
 */
export async function discardDirectory(place: string): Promise<void> {
  const facts = workDirectoryFacts(basename(place));
  if (facts !== undefined) await endOrphans(place);
  const aside = join(dirname(place), await partialName(facts?.checkout ?? basename(place)));
  await setAside(place, aside);
  await remove(aside);
}

/**
 * Moves a directory out of its place immediately. In an overlay, a directory in a lower layer (a cache shipped with an
 * image) cannot be moved, so it is removed where it is.
 */
async function setAside(place: string, aside: string): Promise<void> {
  try {
    await rename(place, aside);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EXDEV") await remove(place);
    else if (code !== "ENOENT") throw error;
  }
}

/** Keeps a directory whose owner is unknown: the cache may be shared with another container. */
async function sweep(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const facts = workDirectoryFacts(entry);
    if (facts !== undefined && (await processState(facts.owner)) === "gone")
      await removeOrphaned(join(parent, entry));
  }
}

async function removeOrphaned(path: string): Promise<void> {
  await endOrphans(path);
  await remove(path);
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
