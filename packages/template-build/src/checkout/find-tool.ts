import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** The entries of a `PATH` that do not depend on the working directory. */
export function absoluteEntries(path: string | undefined): string[] {
  return (path ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
}

/** The absolute path of a program, undefined when no absolute entry of `path` has it. */
export async function findTool(name: string, path: string | undefined): Promise<string | undefined> {
  for (const entry of absoluteEntries(path)) {
    const candidate = join(entry, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
