import { strict as assert } from "node:assert";
import { assertTyped, engineCodes, upstreamCodes } from "../bench/assert-typed.js";
import type { Bench } from "../bench/bench.js";
import { outcomeOf, type Outcome } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { makesImage } from "../world/watched-engine.js";

/** More requests than any source makes for one small image. */
const maxRequests = 60;

function provideImage(bench: Bench): Promise<Outcome<string>> {
  const { source, runtime } = bench;
  const work = async (): Promise<string> => {
    const resolution = await source.resolve(runtime, bench.call());
    return (await source.provide(resolution, undefined, bench.call())).imageId;
  };
  return outcomeOf(work(), "providing an image whose upstream or engine disconnected");
}

async function assertRecovered(bench: Bench, version: string, what: string): Promise<void> {
  const outcome = await provideImage(bench);
  assert.ok(
    "value" in outcome,
    `does not recover after ${what}: ${"error" in outcome ? String(outcome.error) : ""}`,
  );
  assert.equal(await bench.store.print(outcome.value), `${version}\n`);
}

export const goingAway: Chapter = {
  name: "Going away",
  laws: {
    "recovers if upstream disconnects in the middle of any response": async (bench) => {
      const { upstream, runtime, doors } = bench;
      for (let cut = 1; cut <= maxRequests; cut += 1) {
        // A version that has not been built before, so the source has to request everything.
        const version = `version-${String(cut)}`;
        await upstream.publish(runtime, version);
        const endFault = await bench.breakUpstream("fail", { cut });
        // A fault of the author's own does not reset the count of the doors.
        const before = doors.requests;
        const outcome = await provideImage(bench);
        const reached = doors.requests - before >= cut;
        const what = `upstream failed at request ${String(cut)}`;
        // A source that retries may succeed.
        if ("error" in outcome) assertTyped(outcome.error, what, upstreamCodes);
        await endFault();
        await assertRecovered(bench, version, what);
        if (!reached) return;
      }
      assert.fail(`more than ${String(maxRequests)} requests for one image`);
    },

    "recovers if the engine disconnects while it makes the image": async (bench) => {
      const { upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      engine.mood = "dies";
      const outcome = await provideImage(bench);
      engine.mood = "well";
      if (engine.calls.some(makesImage)) {
        assert.ok("error" in outcome, "provide succeeded although the engine disconnected");
        assertTyped(outcome.error, "provide while the engine disconnects", engineCodes);
        assert.deepEqual(await bench.images(), new Map());
      }
      await assertRecovered(bench, "one", "the engine disconnected");
    },
  },
};
