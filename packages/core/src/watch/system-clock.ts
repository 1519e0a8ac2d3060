import { hrtime } from "node:process";
import type { Clock } from "../contract/edges.js";

/** The clock of this machine. */
export const systemClock: Clock = {
  // Node loads `performance` on first use, which takes ten times as long as everything that a hit measures with it.
  monotonicMs: () => Number(hrtime.bigint()) / 1e6,
  wallMs: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};
