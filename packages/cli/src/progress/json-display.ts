import type { Writable } from "node:stream";
import { printJson } from "../terminal/print.js";
import { isoTime } from "./iso-time.js";
import { writeAtOnce, type ProgressDisplay } from "./display.js";
import { whenDrained } from "./when-drained.js";
import { writeTogether } from "./write-together.js";

/** Incremented for incompatible changes of the format. Added members are compatible. */
const formatVersion = 1;

/** Writes every event as one line of JSON, as described in docs/embedding/progress.md. */
export function jsonDisplay(stderr: Writable): ProgressDisplay {
  return {
    listener: (event) => {
      // A slow reader may miss this amount, because the next one supersedes it.
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
