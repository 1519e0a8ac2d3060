import { readdir, readFile, readlink } from "node:fs/promises";
import { join, relative } from "node:path";

export interface CapturedFile {
  /** Relative to the directory. */
  readonly path: string;
  /** The bytes of a file, the target of a symlink, and nothing of a directory. */
  readonly content: string | Buffer;
}

/** Reads everything below a directory. */
export async function captureFiles(directory: string): Promise<readonly CapturedFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isFile()
        ? await readFile(path)
        : entry.isSymbolicLink()
          ? await readlink(path)
          : "";
      return { path: relative(directory, path), content };
    }),
  );
}
