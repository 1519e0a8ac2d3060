import { basename, dirname, join } from "node:path";

const name = "(settings)";

/** Returns the path that stands for inline settings: relative paths are relative to its directory. No file has it. */
export function inlineFile(cwd: string): string {
  return join(cwd, name);
}

/** Whether the path is that of {@link inlineFile}. */
export function isInlineFile(file: string): boolean {
  return basename(file) === name;
}

/** Returns where the content of a configuration file is, in words: the path of the file, or `settings`. */
export function shownFile(file: string): string {
  return isInlineFile(file) ? "settings" : file;
}

/** Returns the directory from which a configuration file's packages are searched for, in words. */
export function shownDirectory(file: string): string {
  return isInlineFile(file) ? dirname(file) : "its directory";
}
