import { strict as assert } from "node:assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { inTime, outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { floodBytes } from "../world/door.js";

/** The maximum growth in memory: less than half of the flood, and far more than a stream needs. */
const maxGrowth = floodBytes * 0.45;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Returns the bytes in use, on the heap and outside of it. */
function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Returns how much more memory was in use at its peak, while the work ran. Garbage does not count: it is collected
 * whenever the growth appears to be too large. The resident set is not measured, because it does not grow while a
 * process reuses memory that earlier work has released.
 */
async function growth(work: () => Promise<unknown>): Promise<number> {
  collectGarbage();
  const before = bytesInUse();
  let peak = before;
  const sample = (): void => {
    if (bytesInUse() - before >= maxGrowth) collectGarbage();
    peak = Math.max(peak, bytesInUse());
  };
  const timer = setInterval(sample, 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  sample();
  return peak - before;
}

function assertBounded(grown: number, what: string): void {
  const mebibytes = (bytes: number): string => `${String(Math.round(bytes / 1024 / 1024))} MiB`;
  assert.ok(
    grown < maxGrowth,
    `${what} of ${mebibytes(floodBytes)} made the process grow by ${mebibytes(grown)}`,
  );
}

export const memory: Chapter = {
  name: "Memory",
  laws: {
    "is bounded if upstream sends an endless response": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      await bench.breakUpstream("flood", "flood");
      const grown = await growth(async () => {
        await outcomeOf(source.resolve(runtime, bench.call()), "resolve with an endless response");
        await outcomeOf(
          source.provide(resolution, undefined, bench.call()),
          "provide with an endless response",
        );
      });
      assertBounded(grown, "a response");
    },

    "is bounded if the engine prints endless output": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      engine.mood = "talkative";
      const grown = await growth(() =>
        inTime(source.provide(resolution, undefined, bench.call()), "provide"),
      );
      assertBounded(grown, "output");
    },
  },
};
