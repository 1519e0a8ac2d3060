import process, { geteuid, pid } from "node:process";

/*
 * What a process is by itself, and no environment changes: docs/adr/0008 says why it is read here.
 */

/** The number of this process. */
export const ownPid = pid;

/** The user whose rights count for files; undefined where the system has no such number. */
export function ownUserId(): number | undefined {
  return geteuid?.();
}

const endings = new Set<() => void>();

/** Calls `end`, which must be done when it returns, if this process exits before the returned function is called. */
export function endWithProcess(end: () => void): () => void {
  if (endings.size === 0) process.on("exit", endAll);
  endings.add(end);
  return () => {
    endings.delete(end);
    if (endings.size === 0) process.off("exit", endAll);
  };
}

function endAll(): void {
  for (const end of endings) end();
}
