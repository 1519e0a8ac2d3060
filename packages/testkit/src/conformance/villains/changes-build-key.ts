import { villain } from "./reference-plugin.js";

/** Returns a different build key each time. */
export const changesBuildKey = villain((honest) => {
  let calls = 0;
  return {
    async resolve(runtime, call) {
      const resolution = await honest.resolve(runtime, call);
      calls += 1;
      return {
        ...resolution,
        trueKey: resolution.buildKey,
        buildKey: `${String(resolution.buildKey)}-${String(calls)}`,
      };
    },
    async find(resolution, call) {
      const found = await honest.find(trueResolution(resolution), call);
      return found.hit ? { hit: true, image: { ...found.image, buildKey: resolution.buildKey } } : found;
    },
    async provide(resolution, found, call) {
      const image = await honest.provide(trueResolution(resolution), found, call);
      return { ...image, buildKey: resolution.buildKey };
    },
  };
});

function trueResolution<Known extends { readonly buildKey: string | null }>(resolution: Known): Known {
  return "trueKey" in resolution && typeof resolution.trueKey === "string"
    ? { ...resolution, buildKey: resolution.trueKey }
    : resolution;
}
