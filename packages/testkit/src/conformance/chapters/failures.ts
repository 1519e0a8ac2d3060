import { strict as assert } from "node:assert";
import { assertTyped, engineCodes, upstreamCodes } from "../bench/assert-typed.js";
import type { Bench } from "../bench/bench.js";
import { failureOf, outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import type { Weather } from "../world/door.js";

/** Breaks the upstream before the look-up, then only after it. */
async function failsTyped(bench: Bench, weather: Weather, what: string): Promise<void> {
  const { source, upstream, runtime, doors } = bench;
  await upstream.publish(runtime, "one");
  const resolution = await source.resolve(runtime, bench.call());
  doors.weather = weather;
  const resolved = await outcomeOf(source.resolve(runtime, bench.call()), `resolve with ${what}`);
  if ("error" in resolved) assertTyped(resolved.error, `resolve with ${what}`, upstreamCodes);
  // A source that got everything it needs from its look-up makes no more requests, and succeeds.
  const provided = source.provide(resolution, undefined, bench.call());
  const outcome = await outcomeOf(provided, `provide with ${what}`);
  if ("error" in outcome) assertTyped(outcome.error, `provide with ${what}`, upstreamCodes);
  assert.ok("error" in resolved || "error" in outcome, `${what} is taken for a good answer`);
  if ("error" in outcome) assert.deepEqual(await bench.images(), new Map(), `${what}, and there is an image`);
}

export const failures: Chapter = {
  name: "Failures",
  laws: {
    "an upstream that wants other credentials": async (bench) => {
      await failsTyped(bench, { status: 401 }, "status 401");
    },
    "an upstream that denies": async (bench) => {
      await failsTyped(bench, { status: 403 }, "status 403");
    },
    "an upstream that fails": async (bench) => {
      await failsTyped(bench, { status: 500 }, "status 500");
    },
    "an upstream that talks rubbish": async (bench) => {
      await failsTyped(bench, "garbage", "garbage");
    },
    "an upstream that is down": async (bench) => {
      await failsTyped(bench, "down", "no server");
    },
    "an engine that is down": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      const { resolution } = await bench.ready("one");
      const asked = engine.calls.length;
      engine.mood = "down";
      const outcome = await outcomeOf(source.find(resolution, bench.call()), "find without an engine");
      if (engine.calls.length === asked) return;
      assert.ok("error" in outcome, "finds an image without an engine");
      assertTyped(outcome.error, "find without an engine", engineCodes);
      await upstream.publish(runtime, "two");
      const next = await outcomeOf(source.resolve(runtime, bench.call()), "resolve without an engine");
      if ("error" in next) {
        assertTyped(next.error, "resolve without an engine", engineCodes);
        return;
      }
      const error = await failureOf(
        source.provide(next.value, undefined, bench.call()),
        "provide without an engine",
      );
      assertTyped(error, "provide without an engine", engineCodes);
    },
  },
};
