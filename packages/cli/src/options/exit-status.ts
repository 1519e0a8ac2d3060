import { exitStatusByCode, type ErrorCode } from "@molecule/core";
import { statusByInterruption } from "../terminal/interruption.js";
import type { Terminal } from "../terminal/terminal.js";

/** The status with which `docker` exits when its output pipe is closed. */
const readerGoneStatus = 1;

/** Returns the exit status of the first error, in argument order; `INTERNAL` and `CANCELLED` take precedence. */
export function exitStatus(codes: readonly ErrorCode[], terminal: Terminal): number {
  const code = codes.find((one) => one === "INTERNAL" || one === "CANCELLED") ?? codes[0];
  if (code === undefined) return 0;
  const signal = terminal.interruptedBy();
  return code === "CANCELLED" && signal !== undefined ? statusByInterruption[signal] : exitStatusByCode[code];
}

/** Returns the exit status for lost output; undefined if all output was written. */
export function lostOutputStatus(terminal: Terminal): number | undefined {
  const lost = terminal.lostOutput();
  if (lost === undefined) return undefined;
  return lost.error === undefined ? readerGoneStatus : exitStatusByCode[lost.error.code];
}
