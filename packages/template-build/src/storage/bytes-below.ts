import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Returns the total size in bytes of all files below, or of the file itself. Those that vanish count as empty. */
export async function bytesBelow(path: string): Promise<number> {
  const seen = await lstat(path).catch(() => undefined);
  if (seen?.isDirectory() !== true) return seen?.isFile() === true ? seen.size : 0;
  let bytes = 0;
  for (const name of await readdir(path).catch(() => [])) bytes += await bytesBelow(join(path, name));
  return bytes;
}
