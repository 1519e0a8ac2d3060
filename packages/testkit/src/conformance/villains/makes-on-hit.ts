import { villain } from "./reference-plugin.js";

/** Builds even though the image was found. */
export const makesOnHit = villain((honest) => ({
  provide: (resolution, _found, call) => honest.provide(resolution, undefined, call),
}));
