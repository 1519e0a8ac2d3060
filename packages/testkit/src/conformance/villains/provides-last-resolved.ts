import type { Resolution } from "@molecule/core";
import { villain } from "./reference-plugin.js";

/** Provides the last image that it resolved, whichever one is requested. */
export const providesLastResolved = villain((honest) => {
  let last: Resolution | undefined;
  return {
    async resolve(runtime, call) {
      last = await honest.resolve(runtime, call);
      return last;
    },
    provide: (resolution, found, call) => honest.provide(last ?? resolution, found, call),
  };
});
