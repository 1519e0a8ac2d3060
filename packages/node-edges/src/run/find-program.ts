import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Returns the entries of a `PATH` that do not depend on the working directory. */
export function absoluteEntries(path: string | undefined): string[] {
  return (path ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
}

/**
 * Returns the absolute path of a program; undefined if it does not exist. A name without a slash is looked up in the
 * absolute entries of `path`: a relative one would run programs from the working directory.
 * @param cwd for a command that is a relative path
 */
export async function findProgram(
  command: string,
  path: string | undefined,
  cwd = "/",
): Promise<string | undefined> {
  const candidates = command.includes("/")
    ? [resolve(cwd, command)]
    : absoluteEntries(path).map((directory) => join(directory, command));
  for (const file of candidates) if (await isProgram(file)) return file;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
