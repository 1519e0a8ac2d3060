import { strict as assert } from "node:assert";
import type { ImageSource, ProgressEvent } from "@molecule/core";
import { inTime } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { openSpine } from "../bench/open-spine.js";
import { makesImage } from "../world/watched-engine.js";

export const manyCallers: Chapter = {
  name: "Many callers",
  laws: {
    "twenty concurrent callers get one image, which is made once": async (bench) => {
      const { upstream, runtime, engine, store } = bench;
      await upstream.publish(runtime, "one");
      const provider = openSpine(bench);
      const events: ProgressEvent[] = [];
      const callers = Array.from({ length: 20 }, (_, index) =>
        provider.ensure(runtime, index === 0 ? { onProgress: (event) => events.push(event) } : {}),
      );
      const images = await inTime(Promise.all(callers), "twenty callers");
      const [imageId = "", ...others] = new Set(images.map((image) => image.imageId));
      assert.deepEqual(others, [], "more than one image");
      assert.equal(await store.print(imageId), "one\n");
      const makes = engine.calls.filter(makesImage).length;
      assert.ok(makes <= 1, `the engine made ${String(makes)} images`);
      const begun = events.filter(({ type }) => type === "started").map(({ id }) => id);
      assert.equal(new Set(begun).size, begun.length, "steps have the same ID");
      assert.equal((await provider.ensure(runtime)).cached, true, "the next caller");
      await provider.close();
    },

    "concurrent calls for two runtimes do not mix them up": async (bench) => {
      const { upstream, runtime, otherRuntime, store } = bench;
      await upstream.publish(runtime, "one");
      await upstream.publish(otherRuntime, "two");
      const provider = openSpine(bench, resolveTogether(bench.source, 2));
      const images = await inTime(
        Promise.all([provider.ensure(runtime), provider.ensure(otherRuntime)]),
        "two runtimes",
      );
      const printed = await Promise.all(images.map(({ imageId }) => store.print(imageId)));
      assert.deepEqual(printed, ["one\n", "two\n"]);
      await provider.close();
    },
  },
};

/** The source, with all lookups made to finish before any caller acts on one. */
function resolveTogether(source: ImageSource, count: number): ImageSource {
  let missing = count;
  let release = (): void => undefined;
  const together = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    name: source.name,
    async resolve(runtime, call) {
      const resolution = await source.resolve(runtime, call);
      missing -= 1;
      if (missing === 0) release();
      await together;
      return resolution;
    },
    find: (resolution, call) => source.find(resolution, call),
    provide: (resolution, found, call) => source.provide(resolution, found, call),
  };
}
