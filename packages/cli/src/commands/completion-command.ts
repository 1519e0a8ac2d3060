import { shellScripts, type Shell } from "../completion/shell-scripts.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints the completion script; commander has already validated the shell. */
export function completionCommand(shell: string, { stdout }: Terminal): Promise<number> {
  stdout.write(shellScripts[shell as Shell]);
  return Promise.resolve(0);
}
