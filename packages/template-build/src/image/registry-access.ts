import type { VerificationServices } from "@molecule/signatures";
import type { ImageBuilder } from "./image-builder.js";

/** Returns the builder's access to registries, for the verification of signatures. */
export function registryAccess(builder: ImageBuilder): VerificationServices["engine"] {
  return { askRegistry: async (reference, call) => builder.askRegistry?.(reference, call) };
}
