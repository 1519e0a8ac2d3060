import { readdirSync, readFileSync } from "node:fs";

/** A process, and when it began in ticks since the machine's start: its number alone goes to another one day. */
export interface ProcessMark {
  readonly pid: number;
  readonly began: string;
}

/**
 * The children of a process, theirs, and so on. Linux tells of them (`/proc/<pid>/task/<tid>/children`, proc(5)); elsewhere
 * none are known. Read at once and not in turns, so that a signal can follow before anything has changed.
 */
export function descendantsOf(pid: number): readonly ProcessMark[] {
  return childrenOf(pid).flatMap((child) => {
    const mark = processMark(child);
    return mark === undefined ? [] : [mark, ...descendantsOf(child)];
  });
}

/** Undefined when it is gone, or where the system is not Linux. */
export function processMark(pid: number): ProcessMark | undefined {
  const began = beganAt(pid);
  return began === undefined ? undefined : { pid, began };
}

/** Whether it is there still, as the process that it was. */
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
  // The second field is the program's name, which may hold blanks and brackets.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" || state === "X" ? undefined : fields[18];
}

/** Processes end while they are looked at. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
