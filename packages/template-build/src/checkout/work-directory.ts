import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, type Env } from "@molecule/core";
import { makeOwnDirectories, ownerOnly, ownProcess, processState } from "@molecule/node-edges";
import { endOrphans } from "./end-orphans.js";

/** Where a checkout is made, beside the place where it will stand. Paths are absolute. */
export interface WorkDirectory {
  /** The working tree. */
  readonly tree: string;
  /** Empty, and stays so. */
  readonly home: string;
  readonly certificates: string;
  /** Empty, for the user of the tree. */
  readonly scratch: string;
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
 * which are gone have left there, for whatever commit. Rejects as {@link makeOwnDirectories} does.
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

/** After the name of the checkout stands who fills it. */
async function partialName(name: string): Promise<string> {
  return `.${name}.${await ownProcess()}.${randomBytes(4).toString("hex")}.partial`;
}

/** Of which checkout a directory is the work directory, and who fills it; undefined when it is none. */
export function workDirectoryFacts(
  name: string,
): { readonly checkout: string; readonly owner: string } | undefined {
  const [, checkout, owner] = /^\.(.+)\.([^.]+)\.[0-9a-f]+\.partial$/.exec(name) ?? [];
  return checkout === undefined || owner === undefined ? undefined : { checkout, owner };
}

/**
 * Removes a checkout or a work directory. It is out of its place at once, and one that is left behind on the way is
 * swept as any other. A process that has already ended is not an error. Rejects with the file system's error.
 */
export async function discardDirectory(place: string): Promise<void> {
  const facts = workDirectoryFacts(basename(place));
  if (facts !== undefined) await endOrphans(place);
  const aside = join(dirname(place), await partialName(facts?.checkout ?? basename(place)));
  await setAside(place, aside);
  await remove(aside);
}

/**
 * Takes a directory out of its place at once. In an overlay, one that lies in a lower layer (a cache that came with an
 * image) cannot be moved: that is removed where it stands.
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

/** What cannot be judged stays: the cache may be shared with another container. */
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
