import { villain } from "./reference-plugin.js";

/** Names every revision `latest`. */
export const usesOneReference = villain((honest) => ({
  async resolve(runtime, call) {
    const resolution = await honest.resolve(runtime, call);
    return { ...resolution, reference: `reference/${runtime}:latest` };
  },
}));
