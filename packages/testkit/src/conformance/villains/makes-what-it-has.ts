import { villain } from "./reference-plugin.js";

/** Builds although the image was found. */
export const makesWhatItHas = villain((honest) => ({
  provide: (resolution, _found, call) => honest.provide(resolution, undefined, call),
}));
