import { strict as assert } from "node:assert";
import { referenceByDigest, type ReadyImage, type Resolution } from "@molecule/core";
import type { Chapter } from "../bench/law.js";
import { assertTyped } from "../bench/assert-typed.js";
import { outcomeOf } from "../bench/in-time.js";
import { makesImage } from "../world/watched-engine.js";

export const providing: Chapter = {
  name: "Providing",
  laws: {
    "provides the resolved image": async (bench) => {
      const { resolution, image, built } = await bench.ready("one");
      assert.equal(built, resolution.revision !== null, "built");
      for (const fact of ["revision", "buildKey", "platform"] as const)
        assert.equal(image[fact], resolution[fact], fact);
      assert.match(image.imageId, /^sha256:[0-9a-f]{64}$/, "imageId");
      assertNamed(image, resolution);
      if (resolution.revision !== null && image.engine !== null)
        assert.equal(image.digest, null, "a build that is in an engine has no registry digest");
      assert.equal(await bench.store.print(image.imageId), "one\n", "output of the image");
      const names = [...(await bench.images())].filter(([, imageId]) => imageId === image.imageId);
      assert.notEqual(names.length, 0, "the image has no name");
    },

    "provides the resolved revision even if upstream changes in the meantime": async (bench) => {
      const { upstream, source, runtime, store } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      await upstream.publish(runtime, "two");
      const outcome = await outcomeOf(source.provide(resolution, undefined, bench.call()), "provide");
      if ("error" in outcome) {
        assert.ok(
          assertTyped(outcome.error, "provide").again,
          "the error is not marked `again`, although upstream has changed",
        );
        return;
      }
      // A name without a revision refers to the newest version.
      const right = resolution.revision === null ? ["one\n", "two\n"] : ["one\n"];
      assert.ok(
        right.includes(await store.print(outcome.value.imageId)),
        "the image was built from another revision",
      );
    },

    "makes nothing if the image was found": async (bench) => {
      const { source, engine, doors } = bench;
      const { resolution, image } = await bench.ready("one");
      const found = await source.find(resolution, bench.call());
      assert.ok(found.hit, "find does not find the provided image");
      const makes = engine.calls.filter(makesImage).length;
      doors.weather = "fair";
      const { built = false, ...provided } = await source.provide(resolution, found, bench.call());
      assert.deepEqual(provided, image);
      assert.equal(built, false, "provide reports that it built an image that was found");
      assert.equal(engine.calls.filter(makesImage).length, makes, "provide makes an image that was found");
      assert.equal(doors.requests, 0, "provide contacts upstream for an image that was found");
    },

    "can be repeated": async (bench) => {
      const { resolution, image } = await bench.ready("one");
      const again = await bench.source.provide(resolution, undefined, bench.call());
      assert.equal(again.reference, image.reference);
      assert.equal(await bench.store.print(again.imageId), "one\n");
      const found = await bench.source.find(resolution, bench.call());
      assert.ok(
        found.hit && found.image.imageId === again.imageId,
        "the name refers to another image afterwards",
      );
    },
  },
};

/** An image in no engine may be named by its digest in a registry, for those that pull it. */
function assertNamed({ reference, digest, engine }: ReadyImage, resolution: Resolution): void {
  const isByDigest = engine === null && digest !== null && reference !== resolution.reference;
  const wanted = isByDigest ? referenceByDigest(resolution.reference, digest) : resolution.reference;
  assert.equal(reference, wanted, "reference");
}
