import { exitStatusByCode, type ErrorCode } from "@molecule/core";
import type { Terminal } from "./terminal.js";

const sigtermStatus = 143;

/** The exit status for errors in the order of the arguments: the first decides, but a bug or a cancel outranks it. */
export function exitStatus(codes: readonly ErrorCode[], terminal: Terminal): number {
  const code = codes.find((one) => one === "INTERNAL" || one === "CANCELLED") ?? codes[0];
  if (code === undefined) return 0;
  if (code === "CANCELLED" && terminal.interruptedBy() === "SIGTERM") return sigtermStatus;
  return exitStatusByCode[code];
}
