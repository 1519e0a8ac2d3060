import { strict as assert } from "node:assert";
import type { Bench } from "../bench/bench.js";
import type { Chapter } from "../bench/law.js";
import { stateOf } from "../bench/state-of.js";

export const finding: Chapter = {
  name: "Finding",
  laws: {
    "says in one line why an image is not there": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      const resolution = await bench.source.resolve(bench.runtime, bench.call());
      const found = await bench.source.find(resolution, bench.call());
      assert.ok(!found.hit, "finds what nobody has made");
      assert.match(found.why, /^\S[^\r\n]*$/, "why");
    },

    "finds what was provided": async (bench) => {
      const { resolution, image } = await bench.ready("one");
      for (const source of [bench.source, bench.another()]) {
        const found = await source.find(resolution, bench.call());
        assert.ok(found.hit, "does not find what it has provided");
        assert.deepEqual(found.image, image);
      }
    },

    "changes nothing, hit or miss": async (bench) => {
      const { upstream, source, runtime } = bench;
      const { resolution } = await bench.ready("one");
      await upstream.publish(runtime, "two");
      const missing = await source.resolve(runtime, bench.call());
      const before = await stateOf(bench);
      await source.find(resolution, bench.call());
      await source.find(missing, bench.call());
      assert.deepEqual(await stateOf(bench), before);
    },

    "refuses another image under the name": async (bench) => {
      const reference = await impostor(bench);
      const resolution = await bench.source.resolve(bench.runtime, bench.call());
      assert.equal(resolution.reference, reference);
      assert.ok(
        (await bench.images()).has(reference),
        "the impostor is not there: look at the upstream's `impostor`",
      );
      const found = await bench.source.find(resolution, bench.call());
      assert.ok(!found.hit, `takes another image under the name ${reference} for the one resolved`);
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
    "references do not follow revisions here: the upstream has to say how to make an `impostor`",
  );
  await store.tag(old.image.imageId, reference);
  return reference;
}
