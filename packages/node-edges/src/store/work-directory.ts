import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, type WorkDirectory } from "@molecule/core";
import { endOrphans } from "../run/end-orphans.js";
import { ownProcess, processState } from "../run/process-identity.js";
import { ownerOnly } from "./own-directories.js";

/**
 * Creates a work directory in `parent`, which exists, for the place `name` there. Removes work directories that ended
 * processes have left in it, for any place. Rejects with the file system's error.
 * @param guarded converts the errors of operations on a path
 */
export async function makeWorkDirectory(
  parent: string,
  name: string,
  guarded: <T>(path: string, work: () => Promise<T>) => Promise<T>,
): Promise<WorkDirectory> {
  const place = join(parent, name);
  await sweep(parent);
  const path = join(parent, await workName(name));
  await mkdir(path, { mode: ownerOnly });
  return {
    path,
    place,
    directory: async (inner) => {
      const made = join(path, inner);
      await guarded(made, () => mkdir(made, { mode: ownerOnly }));
      return made;
    },
    write: async (inner, text) => {
      const file = join(path, inner);
      await guarded(file, () => writeFile(file, text, { mode: 0o600, flag: "wx" }));
      return file;
    },
    keep: async (inner) => {
      await setAside(place, join(path, ".replaced"));
      await rename(join(path, inner), place).catch(unless("ENOTEMPTY", "EEXIST"));
    },
    remove: () => remove(path),
  };
}

function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(systemCode(error) ?? "")) throw error;
  };
}

/** The owning process follows the name of the place. */
async function workName(name: string): Promise<string> {
  return `.${name}.${await ownProcess()}.${randomBytes(4).toString("hex")}.partial`;
}

/** Returns the name that a work directory was created for, and its owning process; undefined for other directories. */
export function workDirectoryFacts(
  directory: string,
): { readonly name: string; readonly owner: string } | undefined {
  const [, name, owner] = /^\.(.+)\.([^.]+)\.[0-9a-f]+\.partial$/.exec(directory) ?? [];
  return name === undefined || owner === undefined ? undefined : { name, owner };
}

/**
 * Removes a directory, which is first moved out of its place. If the removal is interrupted, the rest is swept like a
 * work directory. A directory that is already gone is not an error. Rejects with the file system's error.
 */
export async function discardDirectory(
  place: string,
  { endsPrograms }: { readonly endsPrograms: boolean },
): Promise<void> {
  const facts = workDirectoryFacts(basename(place));
  if (endsPrograms || facts !== undefined) await endOrphans(place);
  const aside = join(dirname(place), await workName(facts?.name ?? basename(place)));
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
    if (facts === undefined || (await processState(facts.owner)) !== "gone") continue;
    const path = join(parent, entry);
    await endOrphans(path);
    await remove(path);
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
