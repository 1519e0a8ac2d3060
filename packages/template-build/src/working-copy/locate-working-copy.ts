import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { configInvalid, systemCode, systemWords, type RuntimeName } from "@molecule/core";

/** The directory of a template that is built as it is. */
export interface WorkingCopy {
  /** As configured, for messages. */
  readonly path: string;
  /** The same without links. */
  readonly directory: string;
}

/** Returns the working copy at a configured path. Throws `CONFIG_INVALID` unless it is a directory. */
export async function locateWorkingCopy(runtime: RuntimeName, path: string): Promise<WorkingCopy> {
  const unusable = (why: string): Error =>
    configInvalid(
      `the working copy ${path} of ${runtime} cannot be used: ${why}`,
      `Set \`options.<source>.templates.${runtime}.path\`, or \`--template ${runtime}=DIR\`, to a directory that holds a template.`,
    );
  if (!isAbsolute(path)) throw unusable("the path is not absolute");
  try {
    const directory = await realpath(path);
    if ((await stat(directory)).isDirectory()) return { path, directory };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw unusable(systemWords(code));
  }
  throw unusable("it is not a directory");
}
