import type { TraceFile } from "./trace-file.js";

/** Details of a slice or mark, shown when it is selected. */
export type Details = Readonly<Record<string, unknown>>;

/** A slice that has begun. */
export interface OpenSlice {
  /** Marks a moment in the row of this slice. */
  mark(name: string): void;
  /** Adds details. A later value replaces an earlier one. */
  add(details: Details): void;
  end(details?: Details): void;
}

/** Slices in groups of rows. Each group is shown as a process, and slices that overlap get rows of their own. */
export interface Timeline {
  /** Begins a slice in the first free row of the group. */
  begin(group: string, name: string, details?: Details): OpenSlice;
  /** Writes a slice that has already ended. Times are milliseconds since the process started. */
  add(group: string, name: string, startMs: number, endMs: number): void;
  /** Ends all open slices, with a note that they did not end themselves. */
  close(): void;
}

/** Writes the timeline of this process to the file. */
export function createTimeline(file: TraceFile): Timeline {
  /** The open slice of each row, by group. */
  const groups = new Map<string, { readonly pid: number; readonly rows: (OpenSlice | undefined)[] }>();

  const groupOf = (name: string) => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const group = { pid: groups.size + 1, rows: [] };
    groups.set(name, group);
    file.write({ ph: "M", pid: group.pid, tid: 0, name: "process_name", args: { name } });
    file.write({
      ph: "M",
      pid: group.pid,
      tid: 0,
      name: "process_sort_index",
      args: { sort_index: group.pid },
    });
    return group;
  };
  const write = (
    ph: string,
    pid: number,
    row: number,
    name: string,
    startMs: number,
    more: Details,
  ): void => {
    file.write({ ph, pid, tid: row + 1, name, cat: "molecule", ts: microseconds(startMs), ...more });
  };

  return {
    begin: (groupName, name, details = {}) => {
      const startMs = performance.now();
      const { pid, rows } = groupOf(groupName);
      const free = rows.indexOf(undefined);
      const row = free === -1 ? rows.length : free;
      let all = details;
      const slice: OpenSlice = {
        mark: (moment) => {
          write("i", pid, row, moment, performance.now(), { s: "t" });
        },
        add: (more) => {
          all = { ...all, ...more };
        },
        end: (more = {}) => {
          if (rows[row] !== slice) return;
          rows[row] = undefined;
          const dur = microseconds(performance.now() - startMs);
          write("X", pid, row, name, startMs, { dur, args: { ...all, ...more } });
        },
      };
      rows[row] = slice;
      return slice;
    },
    add: (groupName, name, startMs, endMs) => {
      write("X", groupOf(groupName).pid, 0, name, startMs, { dur: microseconds(endMs - startMs) });
    },
    close: () => {
      for (const { rows } of groups.values()) for (const slice of [...rows]) slice?.end({ unfinished: true });
    },
  };
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}
