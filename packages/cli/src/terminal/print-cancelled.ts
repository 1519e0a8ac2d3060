import { printLine } from "./print.js";
import type { Terminal } from "./terminal.js";

/** Prints the only line of a cancelled command. Lost output also cancels, and is reported when the process exits. */
export function printCancelled(terminal: Terminal): void {
  if (terminal.lostOutput() !== undefined) return;
  const signal = terminal.interruptedBy();
  const by = signal === undefined ? "" : ` by ${signal}`;
  printLine(terminal.stderr, `molecule-image: cancelled${by} [CANCELLED]`);
}
