import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The paths below a directory, each with data that changes on a write. A missing directory has no paths. */
export async function diskSnapshot(directory: string): Promise<ReadonlyMap<string, string>> {
  const paths = await readdir(directory, { recursive: true }).catch(() => []);
  const facts = await Promise.all(
    paths.sort().map(async (path): Promise<[string, string][]> => {
      // Files that disappear during the scan do not count.
      const stat = await lstat(join(directory, path)).catch(() => undefined);
      if (stat === undefined) return [];
      const size = stat.isFile() ? String(stat.size) : "";
      return [[path, [stat.mode, size, stat.isFile() ? stat.mtimeMs : ""].join(" ")]];
    }),
  );
  return new Map(facts.flat());
}

/** Returns the content of every small file below a directory. */
export async function diskTexts(directory: string): Promise<ReadonlyMap<string, Buffer>> {
  const texts = new Map<string, Buffer>();
  for (const path of (await diskSnapshot(directory)).keys()) {
    const content = await readFile(join(directory, path)).catch(() => undefined);
    if (content !== undefined) texts.set(path, content);
  }
  return texts;
}
