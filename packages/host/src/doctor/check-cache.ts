import { constants, type Stats } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { amiss, fine, type Verdict } from "@molecule/core";
import { ownUserId, takeBack } from "@molecule/node-edges";

const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * Whether the cache directory can be used: it and what is the tool's own above it must be the user's, no link, closed to
 * writing by others, and writable.
 * @param base the highest directory that must be the user's own
 */
export async function checkCache(base: string, directory: string): Promise<Verdict> {
  const places = [base];
  for (const name of relative(base, directory)
    .split(sep)
    .filter((part) => part !== ""))
    places.push(join(places.at(-1) ?? base, name));
  let last: string | undefined;
  for (const place of places) {
    const stats = await lstat(place).catch(() => undefined);
    if (stats === undefined) break;
    const wrong = whatIsWrong(place, stats, base);
    if (wrong !== undefined) return wrong;
    last = place;
  }
  const nearest = last ?? (await nearestAbove(base));
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return amiss(
      `${directory} cannot be written: ${nearest} says ${code}`,
      elsewhere(`Make ${nearest} writable`),
    );
  }
  return fine(last === directory ? directory : `${directory} will be created when needed`);
}

function whatIsWrong(place: string, stats: Stats, base: string): Verdict | undefined {
  const user = ownUserId();
  if (!stats.isDirectory()) {
    const what = stats.isSymbolicLink() ? "a link" : "no directory";
    return amiss(`${place} is ${what}: it is not used`, elsewhere(`Remove ${place}`));
  }
  if (user !== undefined && stats.uid !== user)
    return amiss(`${place} belongs to the user ${String(stats.uid)}`, elsewhere(takeBack(base)));
  if ((stats.mode & writableByOthers) !== 0 && (stats.mode & sticky) === 0)
    return amiss(
      `${place} can be written by others`,
      `Close it: chmod 700 ${place}. The next build does so, too.`,
    );
  return undefined;
}

function elsewhere(first: string): string {
  return `${first}, or name another directory in MOLECULE_LOCAL_BUILD_CACHE.`;
}

async function nearestAbove(path: string): Promise<string> {
  for (let place = dirname(path); ; place = dirname(place)) {
    if ((await lstat(place).catch(() => undefined)) !== undefined || place === dirname(place)) return place;
  }
}
