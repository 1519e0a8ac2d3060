import { strict as assert } from "node:assert";
import type { Bench } from "../bench/bench.js";
import type { Chapter } from "../bench/law.js";
import { stateOf } from "../bench/state-of.js";

export const finding: Chapter = {
  name: "Finding",
  laws: {
    "gives the reason for a miss in one line": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      const resolution = await bench.source.resolve(bench.runtime, bench.call());
      const found = await bench.source.find(resolution, bench.call());
      assert.ok(!found.hit, "find reports a hit for an image that was never made");
      assert.match(found.why, /^\S[^\r\n]*$/, "why");
    },

    "finds the provided image": async (bench) => {
      const { resolution, image } = await bench.ready("one");
      for (const source of [bench.source, bench.another()]) {
        const found = await source.find(resolution, bench.call());
        assert.ok(found.hit, "find does not find the provided image");
        assert.deepEqual(found.image, image);
      }
    },

    "changes nothing, on a hit or a miss": async (bench) => {
      const { upstream, source, runtime } = bench;
      const { resolution } = await bench.ready("one");
      await upstream.publish(runtime, "two");
      const missing = await source.resolve(runtime, bench.call());
      const before = await stateOf(bench);
      await source.find(resolution, bench.call());
      await source.find(missing, bench.call());
      assert.deepEqual(await stateOf(bench), before);
    },

    "rejects another image with the same name": async (bench) => {
      const reference = await impostor(bench);
      const resolution = await bench.source.resolve(bench.runtime, bench.call());
      assert.equal(resolution.reference, reference);
      assert.ok(
        (await bench.images()).has(reference),
        "the impostor does not exist: check the `impostor` method of the upstream",
      );
      const found = await bench.source.find(resolution, bench.call());
      assert.ok(!found.hit, `find accepts another image with the name ${reference}`);
    },
  },
};

/** Puts a wrong image under the next version's name. */
async function impostor(bench: Bench): Promise<string> {
  const { upstream, runtime, source, store } = bench;
  if (upstream.impostor !== undefined) {
    await upstream.publish(runtime, "two");
    const { reference } = await source.resolve(runtime, bench.call());
    await upstream.impostor(reference);
    return reference;
  }
  const old = await bench.ready("one");
  await upstream.publish(runtime, "two");
  const { reference } = await source.resolve(runtime, bench.call());
  assert.notEqual(
    reference,
    old.resolution.reference,
    "references do not change with the revision: the upstream needs an `impostor` method",
  );
  await store.tag(old.image.imageId, reference);
  return reference;
}
