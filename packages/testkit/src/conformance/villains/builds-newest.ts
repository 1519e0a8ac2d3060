import { villain } from "./reference-plugin.js";

/** Builds the upstream's current content under the name that was resolved earlier. */
export const buildsNewest = villain((honest, { engine }) => ({
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
