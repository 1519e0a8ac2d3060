import {
  isImageSourceError,
  type Call,
  type ImageInspection,
  type Missing,
  type Platform,
} from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";

/** Returns the image of that name; undefined if there is none, and a miss for an image of another platform. */
export async function inspectOrMiss(
  builder: ImageBuilder,
  reference: string,
  platform: Platform,
  call: Call,
): Promise<ImageInspection | Missing | undefined> {
  try {
    return await builder.inspect(reference, call, platform);
  } catch (error) {
    if (!isImageSourceError(error) || error.code !== "SOURCE_MISMATCH") throw error;
    return { hit: false, impostor: true, why: error.message };
  }
}
