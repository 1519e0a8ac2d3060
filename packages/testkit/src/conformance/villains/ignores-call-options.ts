import type { SourcePlugin } from "@molecule/core";
import { referencePlugin, type ReferenceOptions } from "./reference-plugin.js";

/** Declares options of a call, and ignores them. */
export const ignoresCallOptions: SourcePlugin<ReferenceOptions> = {
  ...referencePlugin,
  callOptions: ["revision", "platform"],
};
