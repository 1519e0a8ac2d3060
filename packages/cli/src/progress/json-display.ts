import type { Writable } from "node:stream";
import { printJson } from "../print.js";
import { writeAtOnce, type ProgressDisplay } from "./progress-display.js";

/** Counts up when a reader of the lines would misunderstand the new ones; members that are added do not count. */
const formatVersion = 1;

/** Every event as one line of JSON, as docs/progress.md says. */
export function jsonDisplay(stderr: Writable): ProgressDisplay {
  return {
    listener: (event) => {
      printJson(stderr, { v: formatVersion, time: new Date().toISOString(), progress: event });
    },
    settle: () => undefined,
    aside: writeAtOnce,
    close: () => Promise.resolve(),
  };
}
