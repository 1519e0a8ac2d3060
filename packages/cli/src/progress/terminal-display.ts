import type { ProgressEvent } from "@molecule/core";
import { slowSteps, type ProgressDisplay } from "./progress-display.js";
import { openTaskList, type TaskList } from "./task-list.js";

/** A line for each runtime, redrawn in place. Nothing is shown, and nothing loaded, before the first slow step. */
export function terminalDisplay(stderr: NodeJS.WriteStream, runtimes: readonly string[]): ProgressDisplay {
  const settled = new Map<string, boolean>();
  let opening: Promise<TaskList> | undefined;

  async function open(): Promise<TaskList> {
    const list = await openTaskList(stderr, runtimes);
    for (const [runtime, ok] of settled) list.settle(runtime, ok);
    return list;
  }

  return {
    listener: (event) => {
      const text = slowSteps.has(event.step) ? describe(event) : undefined;
      if (text === undefined) return;
      opening ??= open();
      void opening.then((list) => list.update(event.runtime, text));
    },
    settle: (runtime, ok) => {
      settled.set(runtime, ok);
      void opening?.then((list) => list.settle(runtime, ok));
    },
    close: async () => {
      await (await opening)?.close();
    },
  };
}

function describe(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case "started":
      return `${event.step} ${event.what}`;
    case "output":
      return `${event.step}: ${event.line}`;
    case "amount":
      return event.unit === "bytes" ? `${event.step}: ${megabytes(event.done, event.total)}` : undefined;
    case "quiet":
      return `${event.step}: ${event.why}`;
    case "finished":
      return undefined;
  }
}

function megabytes(done: number, total: number | undefined): string {
  const inMb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return total === undefined ? `${inMb(done)} MB` : `${inMb(done)} of ${inMb(total)} MB`;
}
