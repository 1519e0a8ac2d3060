import { mkdir, readdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Fills a new directory with links to every program in `PATH` but cosign. Returns the directory, for a `PATH`. */
export async function pathWithoutCosign(directory: string): Promise<string> {
  await mkdir(directory);
  const seen = new Set(["cosign"]);
  for (const place of (process.env.PATH ?? "").split(delimiter)) {
    for (const program of await readdir(place).catch(() => [])) {
      if (seen.has(program)) continue;
      seen.add(program);
      await symlink(join(place, program), join(directory, program));
    }
  }
  return directory;
}
