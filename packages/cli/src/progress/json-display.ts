import type { Writable } from "node:stream";
import { printJson } from "../print.js";
import type { ProgressDisplay } from "./progress-display.js";

/** Every event as one line of JSON. */
export function jsonDisplay(stderr: Writable): ProgressDisplay {
  return {
    listener: (event) => {
      printJson(stderr, { progress: event });
    },
    settle: () => undefined,
    close: () => Promise.resolve(),
  };
}
