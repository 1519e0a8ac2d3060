import { lstat, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { StoredDirectory } from "@molecule/core";
import { processState } from "../run/process-identity.js";
import { ownUserId } from "../run/this-process.js";
import { workDirectoryFacts } from "./work-directory.js";

/**
 * Returns the user's directories directly below `directory`, sorted by name. Does not follow links, and ignores anything
 * that belongs to another user. Never rejects.
 * @param base `directory` or one of its parents: from here downwards every directory must belong to the user
 */
export async function storedDirectories(
  base: string,
  directory: string,
): Promise<readonly StoredDirectory[]> {
  for (const place of placesBetween(base, directory)) if (!(await isOwnDirectory(place))) return [];
  const found: StoredDirectory[] = [];
  for (const entry of (await readdir(directory).catch(() => [])).toSorted()) {
    const path = join(directory, entry);
    if (!(await isOwnDirectory(path))) continue;
    const facts = workDirectoryFacts(entry);
    const worker = facts === undefined ? null : await processState(facts.owner);
    found.push({ name: facts?.name ?? entry, path, worker });
  }
  return found;
}

/** Returns `base` and every directory from there down to `directory`. */
export function placesBetween(base: string, directory: string): readonly string[] {
  const names = relative(base, directory).split(sep).filter(Boolean);
  return [base, ...names.map((_, index) => join(base, ...names.slice(0, index + 1)))];
}

/** Whether this path is a directory, not a link to one, and belongs to this user. */
async function isOwnDirectory(path: string): Promise<boolean> {
  const seen = await lstat(path).catch(() => undefined);
  const user = ownUserId();
  return seen?.isDirectory() === true && (user === undefined || seen.uid === user);
}
