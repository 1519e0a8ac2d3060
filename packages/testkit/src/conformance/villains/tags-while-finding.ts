import { villain } from "./reference-plugin.js";

/** Moves an alias in a method that must only read. */
export const tagsWhileFinding = villain((honest, { engine }) => ({
  async find(resolution, call) {
    const found = await honest.find(resolution, call);
    if (found.hit) await engine.tagImage(found.image.imageId, `reference/${resolution.runtime}:seen`, call);
    return found;
  },
}));
