import { villain } from "./reference-plugin.js";

/** Writes a note about the last request to disk. */
export const writesWhileResolving = villain((honest, { store }) => ({
  async resolve(runtime, call) {
    const resolution = await honest.resolve(runtime, call);
    await store.records(".requests").write("last", runtime);
    return resolution;
  },
}));
