import { readFile } from "node:fs/promises";

/** An event in Chrome's trace format. Times are in microseconds. */
export interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A slice or mark, and the group of rows that shows it. */
export interface Shown extends TraceEvent {
  readonly group: string;
}

/** Reads a complete trace: its slices and marks, in the order in which they began. */
export async function readTrace(file: string): Promise<readonly Shown[]> {
  return shownIn(JSON.parse(await readFile(file, "utf8")) as TraceEvent[]);
}

/** Reads the trace of a process that was killed, as Perfetto and chrome://tracing do. */
export async function readBrokenTrace(file: string): Promise<readonly Shown[]> {
  return shownIn(JSON.parse(`${await readFile(file, "utf8")}]`) as TraceEvent[]);
}

function shownIn(events: readonly TraceEvent[]): readonly Shown[] {
  const groups = new Map(
    events.filter(({ name }) => name === "process_name").map(({ pid, args }) => [pid, String(args.name)]),
  );
  return events
    .filter(({ ph }) => ph !== "M")
    .map((event) => ({ ...event, group: groups.get(event.pid) ?? "" }))
    .sort((one, other) => one.ts - other.ts);
}
