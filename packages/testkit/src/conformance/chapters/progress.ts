import { strict as assert } from "node:assert";
import type { Bench } from "../bench/bench.js";
import { outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import type { WatchedCall } from "../world/watched-call.js";

const known = ["resolve", "find", "wait", "checkout", "context", "build", "pull", "load", "push", "tag"];

/** Runs the method until it succeeds or fails, and throws unless every step that it began has ended by then. */
async function assertBalanced(
  bench: Bench,
  verb: string,
  work: (call: WatchedCall) => Promise<unknown>,
): Promise<WatchedCall> {
  const call = bench.call();
  await outcomeOf(work(call), verb);
  const open = call.steps.filter(({ finished }) => !finished).map(({ step }) => step);
  assert.deepEqual(open, [], `steps are still open after ${verb} has ended`);
  const begun = call.steps.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(call.steps.length, begun, `a step began after ${verb} had ended`);
  assert.deepEqual(call.disorder, []);
  for (const { step, what } of call.steps) {
    assert.ok(known.includes(step), `unknown step: ${step}`);
    assert.match(what, /^[^\r\n]+$/, `the subject of the step ${step} is not one line`);
  }
  return call;
}

export const progress: Chapter = {
  name: "Progress",
  laws: {
    "every step has ended when a method succeeds": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      await assertBalanced(bench, "resolve", (call) => source.resolve(runtime, call));
      const resolution = await source.resolve(runtime, bench.call());
      await assertBalanced(bench, "find", (call) => source.find(resolution, call));
      const { steps } = await assertBalanced(bench, "provide", (call) =>
        source.provide(resolution, undefined, call),
      );
      assert.ok(steps.length > 0, "provide makes an image without reporting a step");
      const found = await source.find(resolution, bench.call());
      assert.ok(found.hit, "find does not find the provided image");
      await assertBalanced(bench, "provide on a hit", (call) => source.provide(resolution, found, call));
    },

    "every step has ended when the engine fails": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      engine.mood = "dies";
      await assertBalanced(bench, "provide without an engine", (call) =>
        source.provide(resolution, undefined, call),
      );
    },

    "every step has ended when upstream fails": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      await bench.breakUpstream("fail", { status: 403 });
      await assertBalanced(bench, "resolve without access", (call) => source.resolve(runtime, call));
      await assertBalanced(bench, "provide without access", (call) =>
        source.provide(resolution, undefined, call),
      );
    },
  },
};
