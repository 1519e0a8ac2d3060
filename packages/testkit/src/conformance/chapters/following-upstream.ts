import { strict as assert } from "node:assert";
import type { Chapter } from "../bench/law.js";

export const followingUpstream: Chapter = {
  name: "Following upstream",
  laws: {
    "the reference changes with the revision": async (bench) => {
      const { upstream, runtime, source } = bench;
      await upstream.publish(runtime, "one");
      const one = await source.resolve(runtime, bench.call());
      await upstream.publish(runtime, "two");
      const two = await source.resolve(runtime, bench.call());
      // Without revisions there is only one name, and something else decides which image it refers to.
      if (one.revision === null && two.revision === null) return;
      assert.notEqual(two.revision, one.revision, "upstream has changed, but the revision has not");
      assert.notEqual(two.reference, one.reference, "the revision has changed, but the reference has not");
      assert.notEqual(two.buildKey, one.buildKey, "the revision has changed, but the build key has not");
    },

    "a fresh call provides the newest image": async (bench) => {
      const { upstream, runtime, source, store } = bench;
      await bench.ready("one");
      await upstream.publish(runtime, "two");
      const call = bench.call({ fresh: true });
      const resolution = await source.resolve(runtime, call);
      const { imageId } = await source.provide(resolution, undefined, call);
      assert.equal(await store.print(imageId), "two\n");
    },

    "each runtime has its own reference": async (bench) => {
      const { upstream, runtime, otherRuntime, source } = bench;
      await upstream.publish(runtime, "one");
      await upstream.publish(otherRuntime, "one");
      const references = [runtime, otherRuntime].map(
        async (name) => (await source.resolve(name, bench.call())).reference,
      );
      assert.equal(new Set(await Promise.all(references)).size, 2);
    },
  },
};
