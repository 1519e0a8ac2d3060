import { isAbsolute, resolve } from "node:path";
import type { Terminal } from "../terminal/terminal.js";

/** Resolves a path against the working directory, which is not accessed for an absolute path. */
export function pathFromHere(path: string, terminal: Terminal): string {
  return isAbsolute(path) ? resolve(path) : resolve(terminal.cwd, path);
}
