import { strict as assert } from "node:assert";
import { assertTyped, engineCodes, upstreamCodes } from "../bench/assert-typed.js";
import type { Bench } from "../bench/bench.js";
import { failureOf, outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import type { Weather } from "../world/door.js";
import type { UpstreamFault } from "../world/upstream-faults.js";

/** Breaks the upstream before the lookup, then only after it. */
async function failsTyped(bench: Bench, fault: UpstreamFault, weather: Weather, what: string): Promise<void> {
  const { source, upstream, runtime } = bench;
  await upstream.publish(runtime, "one");
  const resolution = await source.resolve(runtime, bench.call());
  await bench.breakUpstream(fault, weather);
  const resolved = await outcomeOf(source.resolve(runtime, bench.call()), `resolve with ${what}`);
  if ("error" in resolved) assertTyped(resolved.error, `resolve with ${what}`, upstreamCodes);
  // A source that got everything it needs from its lookup makes no more requests, and succeeds.
  const provided = source.provide(resolution, undefined, bench.call());
  const outcome = await outcomeOf(provided, `provide with ${what}`);
  if ("error" in outcome) assertTyped(outcome.error, `provide with ${what}`, upstreamCodes);
  assert.ok("error" in resolved || "error" in outcome, acceptedMessage(bench, fault, what));
  if ("error" in outcome)
    assert.deepEqual(await bench.images(), new Map(), `an image exists despite ${what}`);
}

function acceptedMessage({ doors }: Bench, fault: UpstreamFault, what: string): string {
  return doors.isUsed && doors.requests === 0
    ? `${what} could not be tested: the source does not use the address that \`world.door\` returned`
    : `${what} was accepted as a valid response`;
}

export const failures: Chapter = {
  name: "Failures",
  laws: {
    "a typed error if upstream rejects the credentials (401)": async (bench) => {
      await failsTyped(bench, "refuse", { status: 401 }, "status 401");
    },
    "a typed error if upstream denies access (403)": async (bench) => {
      await failsTyped(bench, "refuse", { status: 403 }, "status 403");
    },
    "a typed error if upstream fails (500)": async (bench) => {
      await failsTyped(bench, "fail", { status: 500 }, "status 500");
    },
    "a typed error if upstream sends garbage": async (bench) => {
      await failsTyped(bench, "lie", "garbage", "garbage");
    },
    "a typed error if upstream is down": async (bench) => {
      await failsTyped(bench, "fail", "down", "no server");
    },
    "a typed error if the engine is down": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      const { resolution } = await bench.ready("one");
      const callsBefore = engine.calls.length;
      engine.mood = "down";
      const outcome = await outcomeOf(source.find(resolution, bench.call()), "find without an engine");
      if (engine.calls.length === callsBefore) return;
      assert.ok("error" in outcome, "find reports a hit although the engine is down");
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
