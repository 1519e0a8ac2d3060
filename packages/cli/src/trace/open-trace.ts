import { performance } from "node:perf_hooks";
import type { Mask, Observer } from "@molecule/core";
import { createTimeline } from "./timeline.js";
import { timelineObserver } from "./timeline-observer.js";
import { openTraceFile } from "./trace-file.js";
import { tracePrograms } from "./trace-programs.js";
import { traceRequests } from "./trace-requests.js";

/** A timeline of this command that is being written to a file. */
export interface Trace {
  readonly observer: Observer;
  /** Shows a part of the command that belongs to no runtime. */
  span<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Completes the file. Returns why it is incomplete, if a write has failed. */
  close(): string | undefined;
}

const group = "molecule-image";

/** Starts the timeline of this command, which begins with the start of its process. The path is absolute. Throws `USAGE`. */
export function openTrace(path: string, mask: Mask): Trace {
  const file = openTraceFile(path);
  const timeline = createTimeline(file);
  const { bootstrapComplete } = performance.nodeTiming;
  timeline.add(group, "start node", 0, bootstrapComplete);
  timeline.add(group, "load the command", bootstrapComplete, performance.now());
  const stops = [traceRequests, tracePrograms].map((watch) => watch(timeline, mask));
  const close = (): string | undefined => {
    for (const stop of stops) stop();
    timeline.close();
    return file.close();
  };
  // A second signal ends the process without closing anything else.
  process.once("exit", close);
  return {
    observer: timelineObserver(timeline),
    async span(name, work) {
      const slice = timeline.begin(group, name);
      try {
        return await work();
      } finally {
        slice.end();
      }
    },
    close: () => {
      process.off("exit", close);
      return close();
    },
  };
}
