import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isImageSourceError, parseRuntimeName, type RuntimeName } from "@molecule/core";
import { ownUserId } from "@molecule/node-edges";

/** The directory of a runtime's checkouts. */
export interface RuntimeDirectory {
  readonly runtime: RuntimeName;
  readonly path: string;
  /** Names of its entries. */
  readonly names: readonly string[];
}

/**
 * Returns the checkout directories below the cache directory; none if it does not exist. Does not follow links, and
 * ignores anything that belongs to another user.
 * @param places from the highest directory that must be the user's own down to the cache directory
 */
export async function runtimeDirectories(places: readonly string[]): Promise<readonly RuntimeDirectory[]> {
  const found: RuntimeDirectory[] = [];
  for (const place of places) if (!(await isOwnDirectory(place))) return found;
  const cacheDir = places.at(-1) ?? "";
  for (const name of await namesIn(cacheDir)) {
    const runtime = runtimeOf(name);
    const path = join(cacheDir, name);
    if (runtime !== undefined && (await isOwnDirectory(path)))
      found.push({ runtime, path, names: (await namesIn(path)).toSorted() });
  }
  return found;
}

/** Whether this path is a directory, not a link to one, and belongs to this user. */
export async function isOwnDirectory(path: string): Promise<boolean> {
  const seen = await statsOf(path);
  const user = ownUserId();
  return seen?.isDirectory() === true && (user === undefined || seen.uid === user);
}

/** Returns the total size in bytes of all files below. Files that vanish count as empty. */
export async function bytesBelow(path: string): Promise<number> {
  const seen = await statsOf(path);
  if (seen?.isDirectory() !== true) return seen?.isFile() === true ? seen.size : 0;
  let bytes = 0;
  for (const name of await namesIn(path)) bytes += await bytesBelow(join(path, name));
  return bytes;
}

async function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => []);
}

async function statsOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

function runtimeOf(name: string): RuntimeName | undefined {
  try {
    return parseRuntimeName(name);
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
