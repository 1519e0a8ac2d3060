import { chmod, lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Env } from "@molecule/core";
import { shellWord } from "../run/shell-word.js";
import { ownUserId } from "../run/this-process.js";

/** The mode of directories that only the user may enter. */
export const ownerOnly = 0o700;
const othersBits = 0o077;
const sticky = 0o1000;

/** A path at which other users could change files. */
export class UnsafePlace extends Error {
  constructor(
    readonly place: string,
    readonly why: string,
    /** The remedy, without a full stop. */
    readonly remedy: string = `Remove ${place}`,
  ) {
    super(`${place}: ${why}`);
  }
}

/**
 * Creates `directory` and its missing parents, and returns its path without links. From `base` downwards every
 * directory must belong to the user and not be a link; access for other users is removed. Above `base` links are
 * followed. Rejects with {@link UnsafePlace} or the file system's error. With `env`, root refuses to create anything in
 * a directory of the user who called `sudo`, who could not use it later.
 * @param base `directory` or one of its parents
 */
export async function makeOwnDirectories(base: string, directory: string, env: Env = {}): Promise<string> {
  await refuseForSudo(directory, env);
  const parent = dirname(base);
  await mkdir(parent, { recursive: true, mode: ownerOnly });
  let place = await realpath(parent);
  for (const name of relative(parent, directory).split(sep)) {
    place = join(place, name);
    await makeOwn(place, base);
  }
  return place;
}

async function makeOwn(place: string, base: string): Promise<void> {
  const isNew = await mkdir(place, { mode: ownerOnly }).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return false;
    },
  );
  const seen = await lstat(place);
  const user = ownUserId();
  if (seen.isSymbolicLink()) throw new UnsafePlace(place, "it is a symbolic link, whose target may change");
  if (!seen.isDirectory()) throw new UnsafePlace(place, "it is not a directory");
  if (user !== undefined && seen.uid !== user)
    throw new UnsafePlace(place, "it belongs to another user", takeBack(base));
  // A umask can only remove bits, and the sticky bit protects the content of a shared system directory such as /tmp.
  if (isNew) await chmod(place, ownerOnly);
  else if ((seen.mode & othersBits) !== 0 && (seen.mode & sticky) === 0)
    await chmod(place, seen.mode & ~othersBits & 0o7777);
}

/**
 * Returns the highest directory that belongs to the tool: `molecule` within the user's cache directory, else the
 * configured one. Both are absolute.
 */
export function ownBase(cacheDir: string, env: Env): string {
  const caches = [env["XDG_CACHE_HOME"] ?? "", join(env["HOME"] ?? "", ".cache")];
  const isDefault = caches.some((cache) => join(cache, "molecule", "workspace-template-build") === cacheDir);
  return isDefault ? dirname(cacheDir) : cacheDir;
}

/** Returns how this user can take over a directory left by a run as another user, usually root by `sudo`. */
export function takeBack(place: string): string {
  const user = ownUserId();
  return user === undefined || user === 0
    ? `Run this as the owner of ${place}`
    : `Run \`sudo chown -R ${String(user)} ${shellWord(place)}\``;
}

async function refuseForSudo(directory: string, env: Env): Promise<void> {
  const caller = Number(env["SUDO_UID"] ?? "");
  if (ownUserId() !== 0 || !Number.isInteger(caller) || caller === 0) return;
  let nearest = directory;
  let seen = await lstat(nearest).catch(() => undefined);
  while (seen === undefined && nearest !== dirname(nearest)) {
    nearest = dirname(nearest);
    seen = await lstat(nearest).catch(() => undefined);
  }
  if (seen?.uid !== caller) return;
  throw new UnsafePlace(
    directory,
    `root must not write to a directory of user ${String(caller)}, who called sudo`,
    "Run this without sudo, or with `sudo -H`",
  );
}
