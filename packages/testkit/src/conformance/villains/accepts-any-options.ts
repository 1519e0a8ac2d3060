import type { SourcePlugin } from "@molecule/core";
import { referencePlugin, type ReferenceOptions } from "./reference-plugin.js";

/** Has a schema that accepts everything. */
export const acceptsAnyOptions: SourcePlugin<ReferenceOptions> = {
  ...referencePlugin,
  options: {
    "~standard": {
      version: 1,
      vendor: "villain",
      validate: (value) => ({ value: value as ReferenceOptions }),
    },
  },
};
