import { strict as assert } from "node:assert";
import {
  isImageSourceError,
  parseCommitSha,
  parseImageReference,
  parsePlatform,
  type Call,
  type CallOption,
  type ImageRequest,
  type Platform,
} from "@molecule/core";
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

    "honours or refuses the options of a call that its plugin declares": async (bench) => {
      const { plugin, runtime, services, source } = bench;
      const { image } = await bench.ready("one");
      await bench.upstream.publish(runtime, "two");
      const { digest } = image;
      const revision = image.revision === null ? null : parseCommitSha(image.revision);
      const platform = otherPlatform(services.platform);
      const requests: Record<CallOption, ImageRequest | undefined> = {
        revision: revision === null ? undefined : { revision },
        digest: digest === null ? undefined : { digest },
        platform: { platform },
      };
      for (const option of plugin?.callOptions ?? []) {
        const requested = requests[option];
        if (requested === undefined) continue;
        const call = (): Call => ({ ...bench.call(), requested });
        const resolution = await unlessRefused(source.resolve(runtime, call()));
        if (resolution === undefined) continue;
        if (option === "platform") assert.equal(resolution.platform, platform, "the requested platform");
        if (option === "revision") assert.equal(resolution.revision, revision, "the requested revision");
        if (option !== "digest") continue;
        const provided = await unlessRefused(source.provide(resolution, undefined, call()));
        if (provided !== undefined) assert.equal(provided.digest, digest, "the requested digest");
      }
    },

    "changes nothing": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      const before = await stateOf(bench);
      await bench.source.resolve(bench.runtime, bench.call());
      assert.deepEqual(await stateOf(bench), before);
    },
  },
};

function otherPlatform(platform: Platform | undefined): Platform {
  return parsePlatform(platform === "linux/arm64" ? "linux/amd64" : "linux/arm64");
}

/** Returns undefined if the work rejects with an error of ours, such as for a platform that upstream does not have. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
