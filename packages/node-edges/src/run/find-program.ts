import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The absolute path of a program; undefined when there is none. A name without a slash is looked up in `path`. */
export async function findProgram(command: string, path: string, cwd: string): Promise<string | undefined> {
  const candidates = command.includes("/")
    ? [resolve(cwd, command)]
    : // A relative entry would run what lies in the working directory.
      path
        .split(delimiter)
        .filter(isAbsolute)
        .map((directory) => join(directory, command));
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
