import process, { geteuid, pid } from "node:process";

/* Facts about the process that do not depend on the environment; docs/adr/0008 explains why they are read here. */

/** The ID of this process. */
export const ownPid = pid;

/** Returns the effective user ID; undefined if the system has none. */
export function ownUserId(): number | undefined {
  return geteuid?.();
}

/** Sends a signal. A process that has already ended is not an error. */
export function sendSignal(target: number, signal: "SIGSTOP" | "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(target, signal);
  } catch {
    // It is gone.
  }
}

const endings = new Set<() => void>();

/** Calls `end` if this process exits before the returned function is called. `end` must be synchronous. */
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
