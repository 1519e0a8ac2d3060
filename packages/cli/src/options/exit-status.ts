import { exitStatusByCode, type ErrorCode } from "@molecule/core";
import { statusByInterruption } from "../terminal/interruption.js";
import type { Terminal } from "../terminal/terminal.js";

/** As `docker` ends when nobody reads its output any more. */
const readerGoneStatus = 1;

/** The exit status for errors in the order of the arguments: the first decides, but a bug or a cancel outranks it. */
export function exitStatus(codes: readonly ErrorCode[], terminal: Terminal): number {
  const code = codes.find((one) => one === "INTERNAL" || one === "CANCELLED") ?? codes[0];
  if (code === undefined) return 0;
  const signal = terminal.interruptedBy();
  return code === "CANCELLED" && signal !== undefined ? statusByInterruption[signal] : exitStatusByCode[code];
}

/** The exit status of a command whose output was lost; undefined where all of it was written. */
export function lostOutputStatus(terminal: Terminal): number | undefined {
  const lost = terminal.lostOutput();
  if (lost === undefined) return undefined;
  return lost.error === undefined ? readerGoneStatus : exitStatusByCode[lost.error.code];
}
