import { execFileSync } from "node:child_process";
import { sendSignal, startingInGroup } from "@molecule/node-edges";

/*
 * How processes of git are ended. They are started outside of the edge `run`, so that edge cannot end them
 * (docs/adr/0007).
 */

/** Kills the process and its process group immediately. Processes that have already ended are not an error. */
export function killGroup(processId: number): void {
  // The group exists only once setsid has run: before that, kill the process itself, then what it left in its group.
  for (const target of [-processId, processId, -processId]) sendSignal(target, "SIGKILL");
}

/**
 * Kills the process and everything it has started, if it does not lead a group. `ps` is the absolute path of that
 * program. A git that is only terminated leaves a helper behind that waits for the server.
 */
export function killTree(processId: number, ps: string): void {
  const found = new Set<number>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const member of [processId, ...descendants(processId, ps)]) {
      // A stopped process cannot start others during this search.
      if (!found.has(member)) sendSignal(member, "SIGSTOP");
      found.add(member);
    }
  }
  for (const member of found) sendSignal(member, "SIGKILL");
}

function listProcesses(ps: string): string {
  const started = startingInGroup();
  try {
    return execFileSync(ps, ["-A", "-o", "pid=,ppid="], { env: { LC_ALL: "C" }, encoding: "utf8" });
  } finally {
    started();
  }
}

function descendants(root: number, ps: string): number[] {
  const table = listProcesses(ps);
  const pairs = table.split("\n").map((row) => row.trim().split(/\s+/).map(Number));
  const below: number[] = [];
  for (let parents = [root]; parents.length > 0;) {
    const children = pairs.flatMap(([child = 0, parent = 0]) => (parents.includes(parent) ? [child] : []));
    below.push(...children);
    parents = children;
  }
  return below;
}
