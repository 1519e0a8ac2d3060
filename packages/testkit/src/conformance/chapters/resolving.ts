import { strict as assert } from "node:assert";
import { parseCommitSha, parseImageReference } from "@molecule/core";
import type { Chapter } from "../bench/law.js";
import { resolutionFacts } from "../bench/resolution-facts.js";
import { stateOf } from "../bench/state-of.js";

export const resolving: Chapter = {
  name: "Resolving",
  laws: {
    "returns the requested image": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      const resolution = await bench.source.resolve(bench.runtime, bench.call());
      const { runtime, reference, revision, buildKey, platform } = resolution;
      assert.equal(runtime, bench.runtime, "the runtime");
      assert.equal(platform, bench.services.platform, "the platform");
      assert.ok(parseImageReference(reference), "the reference");
      assert.ok(reference.includes(bench.runtime), `${reference} does not name the runtime`);
      const { imageNames } = bench.plugin ?? {};
      if (imageNames !== undefined) {
        const start = `${imageNames}${runtime}`;
        assert.ok(
          reference.startsWith(start) && /^[:@]/.test(reference.slice(start.length)),
          `${reference} does not start with the imageNames of the plugin and the runtime`,
        );
      }
      // A build of a working copy has a build key and no revision.
      if (revision === null) return;
      parseCommitSha(revision);
      assert.notEqual(buildKey, null, "there is a revision without a build key");
    },

    "returns the same result when repeated": async (bench) => {
      const { upstream, runtime, source } = bench;
      await upstream.publish(runtime, "one");
      const first = resolutionFacts(await source.resolve(runtime, bench.call()));
      assert.deepEqual(
        resolutionFacts(await source.resolve(runtime, bench.call())),
        first,
        "a repeated call",
      );
      assert.deepEqual(
        resolutionFacts(await source.resolve(runtime, bench.call({ fresh: true }))),
        first,
        "a fresh call",
      );
      assert.deepEqual(
        resolutionFacts(await bench.another().resolve(runtime, bench.call())),
        first,
        "a call through another instance",
      );
    },

    "changes nothing": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      const before = await stateOf(bench);
      await bench.source.resolve(bench.runtime, bench.call());
      assert.deepEqual(await stateOf(bench), before);
    },
  },
};
