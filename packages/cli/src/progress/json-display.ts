import type { Writable } from "node:stream";
import { printJson } from "../terminal/print.js";
import { isoTime } from "./iso-time.js";
import { writeAtOnce, type ProgressDisplay } from "./display.js";
import { whenDrained } from "./when-drained.js";
import { writeTogether } from "./write-together.js";

/** Counts up when a reader of the lines would misunderstand the new ones; members that are added do not count. */
const formatVersion = 1;

/** Every event as one line of JSON, as docs/embedding/progress.md says. */
export function jsonDisplay(stderr: Writable): ProgressDisplay {
  return {
    listener: (event) => {
      // The next amount says more than this one, and nobody can wait for a reader before telling it.
      if (event.type === "amount" && stderr.writableNeedDrain) return;
      writeTogether(stderr);
      printJson(stderr, { v: formatVersion, time: isoTime(Date.now()), progress: event });
      return whenDrained(stderr);
    },
    settle: () => undefined,
    aside: writeAtOnce,
    close: () => Promise.resolve(),
  };
}
