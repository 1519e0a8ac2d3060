import type { ImageReference } from "@molecule/core";

/** Returns the registry's host without its port. */
export function hostOf({ registry }: Pick<ImageReference, "registry">): string {
  return registry.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
