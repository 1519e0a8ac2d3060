import { accessSync, constants, statSync } from "node:fs";
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
export function findProgram(command: string, path: string | undefined, cwd = "/"): string | undefined {
  const candidates = command.includes("/")
    ? [resolve(cwd, command)]
    : absoluteEntries(path).map((directory) => join(directory, command));
  return candidates.find(isProgram);
}

// Synchronous, because Node waits for the same file system when it starts the program; asynchronous calls take ten times
// as long.
function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
