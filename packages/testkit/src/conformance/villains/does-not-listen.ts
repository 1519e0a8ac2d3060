import { villain } from "./reference-plugin.js";

/** Goes on when nobody waits any more. */
export const doesNotListen = villain((honest) => ({
  provide: (resolution, found, call) =>
    honest.provide(resolution, found, { ...call, signal: new AbortController().signal }),
}));
