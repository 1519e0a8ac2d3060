import { isImageSourceError, parseImageReference } from "@molecule/core";
import type { ImageUse } from "./dockerfile-images.js";

/** Returns the host of the image's registry; undefined if it is not known before the build. */
export function imageRegistry({ image }: ImageUse): string | undefined {
  if (image === undefined) return undefined;
  try {
    return parseImageReference(image).registry;
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
