import {
  definePlugin,
  ImageSourceError,
  isPlatform,
  type Call,
  type ErrorCode,
  type Found,
  type ImageSource,
  type Missing,
  type Resolution,
} from "@molecule/core";
import { z } from "zod";

const options = z.strictObject({
  images: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("Map from runtimes to images, each with a tag or a digest."),
});

/** Provides the image that the configuration names. Importing this module and calling `create` have no side effects. */
export default definePlugin({
  name: "__NAME__",
  version: "0.1.0",
  apiVersion: 1,
  modes: ["local"],
  options,
  create({ images }, { engine, platform }): ImageSource {
    const known = new Map(Object.entries(images));

    /** Finds the image, and verifies its platform. */
    async function findImage(resolution: Resolution, call: Call): Promise<Found | Missing> {
      const { reference, revision, buildKey } = resolution;
      const image = await engine.inspectImage(reference, call);
      if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
      if (!isPlatform(image, resolution.platform))
        return { hit: false, why: `${reference} is present, but not for ${resolution.platform}` };
      const facts = { reference, revision, buildKey, platform: resolution.platform, digest: null };
      return { hit: true, image: { ...facts, imageId: image.id, engine: await engine.identify(call) } };
    }

    return {
      name: "__NAME__",

      // Returns exactly which image would be used. May read from the network; changes nothing.
      async resolve(runtime, call) {
        const reference = known.get(runtime);
        if (reference === undefined)
          throw failure(
            "SOURCE_NOT_FOUND",
            `no image is configured for ${runtime}`,
            "Add it to options.__NAME__.images.",
          );
        const wanted = platform ?? (await engine.describe(call)).platform;
        return { runtime, reference, revision: null, buildKey: null, platform: wanted };
      },

      // Checks whether exactly that image exists. Changes nothing.
      find: findImage,

      // Pulls the image. Can be repeated.
      async provide(resolution, found, call) {
        if (found !== undefined) return found.image;
        const { reference } = resolution;
        return call.progress.step("pull", reference, async (report) => {
          await engine.pullImage({ reference, platform: resolution.platform, report }, call);
          const now = await findImage(resolution, call);
          if (now.hit) return now.image;
          throw failure(
            "SOURCE_MISMATCH",
            now.why,
            "Ask the publisher of the image to publish it for this platform.",
          );
        });
      },
    };
  },
});

function failure(code: ErrorCode, message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code, message, hint });
}
