import { isImageSourceError } from "@molecule/core";
import { villain } from "./reference-plugin.js";

/** Throws an untyped error when access is denied. */
export const throwsUntypedErrors = villain((honest) => ({
  async resolve(runtime, call) {
    try {
      return await honest.resolve(runtime, call);
    } catch (error) {
      if (!isImageSourceError(error) || error.code !== "SOURCE_DENIED") throw error;
      throw new Error(error.message, { cause: error });
    }
  },
}));
