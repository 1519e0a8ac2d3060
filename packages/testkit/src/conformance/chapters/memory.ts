import { strict as assert } from "node:assert";
import { inTime, outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { floodBytes } from "../world/door.js";

/** The maximum growth in memory: less than half of the flood, and far more than a stream needs. */
const maxGrowth = floodBytes * 0.45;

/** Returns how much the process grew, at its peak, while the work ran. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
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
      const { source, upstream, runtime, doors } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      doors.weather = "flood";
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
