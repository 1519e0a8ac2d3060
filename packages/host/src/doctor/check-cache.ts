import type { Stats } from "node:fs";
import { lstat, mkdtemp, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { amiss, fine, type Verdict } from "@molecule/core";
import { ownUserId, placesBetween, takeBack, type DirectoryStore } from "@molecule/node-edges";

const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * Checks that the cache directory, and every directory from `base` down to it, belongs to the user, is not a link, is
 * not writable by other users, and can be written: creates a directory in the last one that exists, and removes it.
 */
export async function checkCache({
  base,
  directory,
}: Pick<DirectoryStore, "base" | "directory">): Promise<Verdict> {
  let last: string | undefined;
  try {
    for (const place of placesBetween(base, directory)) {
      const stats = await statsOf(place);
      if (stats === undefined) break;
      const fault = faultOf(place, stats, base);
      if (fault !== undefined) return fault;
      last = place;
    }
  } catch (error) {
    return unusable(directory, error);
  }
  const nearest = last ?? (await nearestAbove(base));
  try {
    // `access` succeeds where creating fails: for root below /proc, or when a quota is used up.
    await rmdir(await mkdtemp(join(nearest, ".molecule-doctor-")));
  } catch (error) {
    return unusable(directory, error, nearest);
  }
  return fine(last === directory ? directory : `${directory} will be created when needed`);
}

function unusable(directory: string, error: unknown, nearest?: string): Verdict {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  if (nearest === undefined) return amiss(`cannot use ${directory}: ${code}`, elsewhere("Correct the path"));
  if (nearest === directory)
    return amiss(`cannot write to ${directory}: ${code}`, elsewhere(`Make ${directory} writable`));
  const isRefused = ["EACCES", "EPERM", "EROFS"].includes(code);
  return amiss(
    `cannot create ${directory}: ${code} in ${nearest}`,
    isRefused
      ? elsewhere(`Make ${nearest} writable`)
      : "Set MOLECULE_LOCAL_BUILD_CACHE to another directory.",
  );
}

/** Returns undefined if nothing exists at the path. Rejects if the path itself cannot be used. */
async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(code)) return undefined;
    throw error;
  }
}

function faultOf(place: string, stats: Stats, base: string): Verdict | undefined {
  const user = ownUserId();
  if (!stats.isDirectory()) {
    const kind = stats.isSymbolicLink() ? "a link" : "not a directory";
    return amiss(`${place} cannot be used: it is ${kind}`, elsewhere(`Remove ${place}`));
  }
  if (user !== undefined && stats.uid !== user)
    return amiss(`${place} belongs to user ID ${String(stats.uid)}`, elsewhere(takeBack(base)));
  if ((stats.mode & writableByOthers) !== 0 && (stats.mode & sticky) === 0)
    return amiss(
      `${place} is writable by other users`,
      `Run chmod 700 ${place}; otherwise the next build does it.`,
    );
  return undefined;
}

function elsewhere(first: string): string {
  return `${first}, or set MOLECULE_LOCAL_BUILD_CACHE to another directory.`;
}

async function nearestAbove(path: string): Promise<string> {
  for (let place = dirname(path); ; place = dirname(place)) {
    if ((await lstat(place).catch(() => undefined)) !== undefined || place === dirname(place)) return place;
  }
}
