import { geteuid, kill, pid } from "node:process";

/*
 * What is asked of the system about processes. simple-git starts git itself, outside of the `run` edge, so that
 * ending it cannot be left to that edge either.
 */

export const ownPid = pid;

/** The user whose rights count for files; undefined where the system has no such number. */
export function ownUserId(): number | undefined {
  return geteuid?.();
}

/** Whether there is a process of that number, whoever owns it. */
export function isAlive(processId: number): boolean {
  try {
    kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Kills the process and everything in the group that it leads, at once. What is gone already is no error. */
export function killGroup(processId: number): void {
  // The group exists only once setsid has run: alone, the process itself has to go, and what it left after that.
  for (const target of [-processId, processId, -processId]) {
    try {
      kill(target, "SIGKILL");
    } catch {
      continue;
    }
  }
}
