import { strict as assert } from "node:assert";
import { assertTyped, engineCodes, upstreamCodes } from "../bench/assert-typed.js";
import type { Bench } from "../bench/bench.js";
import { outcomeOf, type Outcome } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { makesImage } from "../world/watched-engine.js";

/** More requests than any source makes for one image of three words. */
const maxRequests = 60;

function image(bench: Bench): Promise<Outcome<string>> {
  const { source, runtime } = bench;
  const work = async (): Promise<string> => {
    const resolution = await source.resolve(runtime, bench.call());
    return (await source.provide(resolution, undefined, bench.call())).imageId;
  };
  return outcomeOf(work(), "an image whose upstream or engine went away");
}

async function worksAgain(bench: Bench, version: string, what: string): Promise<void> {
  const outcome = await image(bench);
  assert.ok(
    "value" in outcome,
    `fails for good once ${what}: ${"error" in outcome ? String(outcome.error) : ""}`,
  );
  assert.equal(await bench.store.print(outcome.value), `${version}\n`);
}

export const goingAway: Chapter = {
  name: "Going away",
  laws: {
    "upstream breaks off in the middle of any answer": async (bench) => {
      const { upstream, runtime, doors } = bench;
      for (let cut = 1; cut <= maxRequests; cut += 1) {
        // A version that has not been built before, so the source has to request everything.
        const version = `version-${String(cut)}`;
        await upstream.publish(runtime, version);
        doors.weather = { cut };
        const outcome = await image(bench);
        const reached = doors.requests >= cut;
        const what = `request ${String(cut)} was cut`;
        // A source that retries may succeed.
        if ("error" in outcome) assertTyped(outcome.error, what, upstreamCodes);
        doors.weather = "fair";
        await worksAgain(bench, version, what);
        if (!reached) return;
      }
      assert.fail(`more than ${String(maxRequests)} requests for one image`);
    },

    "the engine goes away while it makes the image": async (bench) => {
      const { upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      engine.mood = "dies";
      const outcome = await image(bench);
      engine.mood = "well";
      if (engine.calls.some(makesImage)) {
        assert.ok("error" in outcome, "the engine has gone, and there is an image");
        assertTyped(outcome.error, "provide while the engine goes away", engineCodes);
        assert.deepEqual(await bench.images(), new Map());
      }
      await worksAgain(bench, "one", "the engine went away");
    },
  },
};
