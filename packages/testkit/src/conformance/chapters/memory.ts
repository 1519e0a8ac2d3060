import { strict as assert } from "node:assert";
import { inTime, outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { floodBytes } from "../world/door.js";

/** The most memory that a flood may occupy: less than half of the flood, and far more than a stream needs. */
const maxGrowth = floodBytes * 0.45;

/** Returns how much the process grew, at its peak, while the work ran. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return peak - before;
}

function assertBounded(grown: number, what: string): void {
  const mebibytes = (bytes: number): string => `${String(Math.round(bytes / 1024 / 1024))} MiB`;
  assert.ok(
    grown < maxGrowth,
    `${what} of ${mebibytes(floodBytes)} makes the process grow by ${mebibytes(grown)}`,
  );
}

export const memory: Chapter = {
  name: "Memory",
  laws: {
    "an upstream that does not stop": async (bench) => {
      const { source, upstream, runtime, doors } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      doors.weather = "flood";
      const grown = await growth(async () => {
        await outcomeOf(source.resolve(runtime, bench.call()), "resolve in a flood");
        await outcomeOf(source.provide(resolution, undefined, bench.call()), "provide in a flood");
      });
      assertBounded(grown, "an answer");
    },

    "an engine that does not stop talking": async (bench) => {
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
