import { geteuid, pid } from "node:process";

/*
 * What a process is by itself, and no environment changes: docs/adr/0008 says why it is read here.
 */

/** The number of this process. */
export const ownPid = pid;

/** The user whose rights count for files; undefined where the system has no such number. */
export function ownUserId(): number | undefined {
  return geteuid?.();
}
