import { isImageSourceError, type Call, type ImageInspection } from "@molecule/core";
import type { TemplateResolution } from "./template-resolution.js";
import type { BuiltImage, ImageBuilder } from "./image/image-builder.js";
import { differsFrom } from "./image/image-labels.js";

type NamedResolution = Pick<TemplateResolution, "reference" | "labels" | "platform">;

/**
 * Tags a build, and returns the image that then has the tag. In a registry with immutable tags, that is the image of the
 * first host that pushed the build.
 */
export async function nameBuild(
  builder: Pick<ImageBuilder, "tag" | "inspect">,
  image: BuiltImage,
  resolution: NamedResolution,
  call: Call,
): Promise<BuiltImage> {
  const { reference } = resolution;
  return call.progress.step("tag", reference, async () => {
    try {
      await builder.tag(image, reference, call);
      return image;
    } catch (error) {
      // A refreshed build must not be mistaken for the one before it.
      const mayExist = isImageSourceError(error) && error.code === "SOURCE_DENIED" && !call.fresh;
      const first = mayExist ? await sameBuild(builder, resolution, call) : undefined;
      if (first === undefined) throw error;
      call.log.debug("another host was first to tag this build; using its image", {
        reference,
        error: String(error),
      });
      return first;
    }
  });
}

/** Moves the alias to an image. Logs a failure and never rejects: containers are started by image ID. */
export async function moveAlias(
  builder: Pick<ImageBuilder, "tag">,
  image: BuiltImage,
  { alias }: Pick<TemplateResolution, "alias">,
  call: Call,
): Promise<void> {
  try {
    await call.progress.step("tag", alias, () => builder.tag(image, alias, call));
  } catch (error) {
    call.log.warn("the alias could not be moved", { alias, imageId: image.id, error: String(error) });
  }
}

/** Returns the image under the build's name; undefined if it cannot be read, or is another build. */
async function sameBuild(
  builder: Pick<ImageBuilder, "inspect">,
  { reference, labels, platform }: NamedResolution,
  call: Call,
): Promise<ImageInspection | undefined> {
  const found = await builder.inspect(reference, call, platform).catch((error: unknown) => {
    if (call.signal.aborted) throw error;
  });
  return found && differsFrom(found, labels, platform) === undefined ? found : undefined;
}
