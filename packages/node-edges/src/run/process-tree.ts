import { readdirSync, readFileSync } from "node:fs";

/** A process, and its start in ticks since boot, because process IDs are reused. */
export interface ProcessMark {
  readonly pid: number;
  readonly began: string;
}

/**
 * Returns all descendants of a process, on Linux (`/proc/<pid>/task/<tid>/children`, proc(5)); an empty list elsewhere.
 * Read synchronously, so that a signal can follow before anything changes.
 */
export function descendantsOf(pid: number): readonly ProcessMark[] {
  return childrenOf(pid).flatMap((child) => {
    const mark = processMark(child);
    return mark === undefined ? [] : [mark, ...descendantsOf(child)];
  });
}

/** Returns the mark of a process; undefined if it is gone, or the system is not Linux. */
export function processMark(pid: number): ProcessMark | undefined {
  const began = beganAt(pid);
  return began === undefined ? undefined : { pid, began };
}

/** Returns whether the same process is still running. */
export function isRunning({ pid, began }: ProcessMark): boolean {
  return beganAt(pid) === began;
}

function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${String(pid)}/task`;
  const lists = ifThere(() => readdirSync(tasks)) ?? [];
  return lists.flatMap((task) =>
    (ifThere(() => readFileSync(`${tasks}/${task}/children`, "utf8")) ?? "")
      .split(" ")
      .filter((text) => text !== "")
      .map(Number),
  );
}

function beganAt(pid: number): string | undefined {
  const stat = ifThere(() => readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  // The second field is the program's name, which may contain blanks and brackets.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" || state === "X" ? undefined : fields[18];
}

/** Returns undefined on an error, because processes may exit while their files are read. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
