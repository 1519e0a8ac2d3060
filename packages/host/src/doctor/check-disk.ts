import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { amiss, fine, type Verdict } from "@molecule/core";

/**
 * Checks the free disk space. Undefined if it cannot be determined.
 * @param wantedBytes the minimum free space
 * @param purpose what needs the space, for the message
 */
export async function checkDisk(
  path: string,
  {
    wantedBytes,
    purpose,
    remedy,
  }: { readonly wantedBytes: number; readonly purpose: string; readonly remedy: string },
): Promise<Verdict | undefined> {
  const free = await freeBytes(path);
  if (free === undefined) return undefined;
  const room = `${(free / 1e9).toFixed(1)} GB free for ${purpose} (${path})`;
  return free >= wantedBytes ? fine(room) : amiss(`only ${room}`, remedy);
}

/** Returns the free bytes at the path or its nearest existing parent; undefined if they cannot be determined. */
async function freeBytes(path: string): Promise<number | undefined> {
  for (let place = path; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || place === dirname(place)) return undefined;
    }
  }
}
