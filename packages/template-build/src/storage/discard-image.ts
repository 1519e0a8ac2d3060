import { isImageSourceError, parseRuntimeName, type Call, type StoredItem } from "@molecule/core";
import { sortNames } from "./own-names.js";
import { inUse, type ImageStore } from "./stored-images.js";

/**
 * Removes our tags from an image; the engine removes it with the last one. Never forces, and re-reads the current tags.
 * Returns why the image cannot be removed, after restoring its tags.
 */
export async function discardImage(
  { builder, records, space }: ImageStore,
  { imageId, names, runtime }: StoredItem,
  call: Call,
): Promise<string | undefined> {
  if (imageId === null) return undefined;
  const image = await builder.inspect(imageId, call);
  if (image === undefined) return undefined;
  const user = (await builder.inUse(call)).get(imageId);
  if (user !== undefined) return inUse(user);
  const now = sortNames(image, space);
  if (names.length === 0 && now.own.length + now.other.length > 0) return "it has a new name";

  const removed: string[] = [];
  try {
    for (const name of now.own) {
      // An alias may have moved since.
      if ((await builder.inspect(name, call))?.id !== imageId) continue;
      await builder.untag(name, call);
      removed.push(name);
    }
    if (now.own.length + now.other.length === 0) await builder.discard(image, call);
  } catch (error) {
    for (const name of removed) await builder.tag(image, name, call);
    if (!isImageSourceError(error) || error.code !== "CONTAINER_CONFLICT") throw error;
    return `the engine refuses to remove it: ${error.message}`;
  }
  // The image stays under names that are not ours, such as those of another isolation that reads the same records.
  if ((await builder.inspect(imageId, call)) === undefined)
    await records.forget(parseRuntimeName(runtime), imageId);
  return undefined;
}
