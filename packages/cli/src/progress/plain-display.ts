import type { Writable } from "node:stream";
import { printLine } from "../print.js";
import { slowSteps, type ProgressDisplay } from "./progress-display.js";

/** Lines for logs and pipes: nothing is redrawn, nothing coloured. */
export function plainDisplay(stderr: Writable): ProgressDisplay {
  return {
    listener: (event) => {
      if (!slowSteps.has(event.step)) return;
      const subject = `${event.runtime}: ${event.step}`;
      if (event.type === "started") printLine(stderr, `${subject} ${event.what}`);
      if (event.type === "output") printLine(stderr, `${subject} | ${event.line}`);
      if (event.type === "quiet") printLine(stderr, `${subject} ${event.why}`);
      if (event.type === "finished") {
        const seconds = (event.durationMs / 1000).toFixed(1);
        printLine(stderr, `${subject} ${event.ok ? "done" : "failed"} after ${seconds} s`);
      }
    },
    settle: () => undefined,
    close: () => Promise.resolve(),
  };
}
