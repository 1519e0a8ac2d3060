import { villain } from "./reference-plugin.js";

/** Keeps working after the caller has aborted. */
export const ignoresAbort = villain((honest) => ({
  provide: (resolution, found, call) =>
    honest.provide(resolution, found, { ...call, signal: new AbortController().signal }),
}));
