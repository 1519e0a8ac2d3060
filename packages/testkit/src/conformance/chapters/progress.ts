import { strict as assert } from "node:assert";
import type { Bench } from "../bench/bench.js";
import { outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import type { WatchedCall } from "../world/watched-call.js";

const known = ["resolve", "find", "wait", "checkout", "context", "build", "pull", "load", "push", "tag"];

/** Runs the verb until it succeeds or fails, and throws unless every step that it began has ended by then. */
async function balanced(
  bench: Bench,
  verb: string,
  work: (call: WatchedCall) => Promise<unknown>,
): Promise<WatchedCall> {
  const call = bench.call();
  await outcomeOf(work(call), verb);
  const open = call.steps.filter(({ finished }) => !finished).map(({ step }) => step);
  assert.deepEqual(open, [], `${verb} has ended, and these steps have not`);
  const begun = call.steps.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(call.steps.length, begun, `${verb} has ended, and begins a step`);
  assert.deepEqual(call.disorder, []);
  for (const { step, what } of call.steps) {
    assert.ok(known.includes(step), `${step} is no step that displays know`);
    assert.match(what, /^[^\r\n]+$/, `what ${step} is about is not one line`);
  }
  return call;
}

export const progress: Chapter = {
  name: "Progress",
  laws: {
    "what has begun has ended when a verb ends well": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      await balanced(bench, "resolve", (call) => source.resolve(runtime, call));
      const resolution = await source.resolve(runtime, bench.call());
      await balanced(bench, "find", (call) => source.find(resolution, call));
      const { steps } = await balanced(bench, "provide", (call) =>
        source.provide(resolution, undefined, call),
      );
      assert.ok(steps.length > 0, "provide makes an image without a word");
      const found = await source.find(resolution, bench.call());
      assert.ok(found.hit, "the image is not there after provide");
      await balanced(bench, "provide with what was found", (call) => source.provide(resolution, found, call));
    },

    "what has begun has ended when a verb fails": async (bench) => {
      const { source, upstream, runtime, doors, engine } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      engine.mood = "dies";
      await balanced(bench, "provide without an engine", (call) =>
        source.provide(resolution, undefined, call),
      );
      engine.mood = "well";
      doors.weather = { status: 403 };
      await balanced(bench, "resolve that is denied", (call) => source.resolve(runtime, call));
      await balanced(bench, "provide that is denied", (call) => source.provide(resolution, undefined, call));
    },
  },
};
