import { isImageSourceError } from "@molecule/core";
import { villain } from "./reference-plugin.js";

/** Never tries again after the engine was unavailable once. */
export const neverReconnects = villain((honest) => {
  let grudge: Error | undefined;
  return {
    async provide(resolution, found, call) {
      if (grudge !== undefined) throw grudge;
      try {
        return await honest.provide(resolution, found, call);
      } catch (error) {
        if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") grudge = error;
        throw error;
      }
    },
  };
});
