import { isImageSourceError, type Call, type ImageInspection } from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";
import { commitOf, type LastGoodQuestion } from "./last-good.js";
import { latestAlias, localReference } from "./local-reference.js";

/**
 * Returns the image that the alias of a runtime names in the registry, under the tag of its commit. Empty if there is
 * none for the platform.
 */
export async function newestPublished(
  builder: Pick<ImageBuilder, "inspect">,
  question: LastGoodQuestion,
  call: Call,
): Promise<readonly ImageInspection[]> {
  const { platform } = question;
  try {
    const newest = await builder.inspect(latestAlias(question), call, platform);
    const commit = newest && commitOf(newest);
    if (commit === undefined) return [];
    const { reference } = localReference({ ...question, commit });
    const image = await builder.inspect(reference, call, platform);
    return image === undefined ? [] : [image];
  } catch (error) {
    if (isImageSourceError(error) && error.code === "SOURCE_MISMATCH") return [];
    throw error;
  }
}
