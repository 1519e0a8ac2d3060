import { isAbsolute, resolve } from "node:path";
import type { Terminal } from "../terminal/terminal.js";

/** The absolute path that a path typed here means. One that is absolute needs no working directory. */
export function pathFromHere(path: string, terminal: Terminal): string {
  return isAbsolute(path) ? resolve(path) : resolve(terminal.cwd, path);
}
