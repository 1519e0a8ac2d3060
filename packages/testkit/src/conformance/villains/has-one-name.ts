import { villain } from "./reference-plugin.js";

/** Calls every revision the latest. */
export const hasOneName = villain((honest) => ({
  async resolve(runtime, call) {
    const resolution = await honest.resolve(runtime, call);
    return { ...resolution, reference: `reference/${runtime}:latest` };
  },
}));
