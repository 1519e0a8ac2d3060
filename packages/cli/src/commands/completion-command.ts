import { shellScripts, type Shell } from "../completion/shell-scripts.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints the script; commander has checked that there is one. */
export function completionCommand(shell: string, { stdout }: Terminal): Promise<number> {
  stdout.write(shellScripts[shell as Shell]);
  return Promise.resolve(0);
}
