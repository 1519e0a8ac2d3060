import { villain } from "./reference-plugin.js";

/** Builds what upstream has by then, under the name of what was resolved. */
export const buildsTheNewest = villain((honest, { engine }) => ({
  async provide(resolution, found, call) {
    if (found !== undefined) return found.image;
    const newest = await honest.resolve(resolution.runtime, call);
    const image = await honest.provide(newest, undefined, call);
    if (newest.revision === resolution.revision) return image;
    await engine.tagImage(image.imageId, resolution.reference, call);
    const { reference, revision, buildKey } = resolution;
    return { ...image, reference, revision, buildKey };
  },
}));
