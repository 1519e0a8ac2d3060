import { isImageSourceError, templateImageName, type Call, type ImageInspection } from "@molecule/core";
import type { ImageBuilder } from "./image/image-builder.js";
import { differsFrom } from "./image/image-labels.js";
import type { TemplateOptions } from "./options/template-options.js";
import type { TemplateResolution } from "./template-resolution.js";

/** Shares builds between hosts through a registry. A host that finds no shared image builds one. */
export interface SharedBuilds {
  /** Pulls and verifies exactly that image, and gives it its local tag; undefined if not available. */
  take(resolution: TemplateResolution, call: Call): Promise<ImageInspection | undefined>;
  /** Pushes an image that was built here, if pushing is configured. Rejects as a push does. */
  give(imageId: string, resolution: TemplateResolution, call: Call): Promise<void>;
}

/** Without options, nothing is shared. */
export function sharedBuilds(share: TemplateOptions["share"], builder: ImageBuilder): SharedBuilds {
  if (share === undefined) {
    return { take: async () => undefined, give: async () => undefined };
  }
  const { registry, push } = share;
  return {
    async take(resolution, call) {
      if (resolution.workingCopy !== undefined) return undefined;
      const reference = sharedReference(registry, resolution);
      try {
        const image = await call.progress.step("pull", reference, async (report) => {
          const imageId = await builder.pull(reference, resolution.platform, report, call);
          return verified(imageId, reference, resolution, builder, call);
        });
        if (image === undefined) return undefined;
        // Fails if another caller of the engine has removed the shared tag, and the image with it.
        const { reference: local } = resolution;
        try {
          await call.progress.step("tag", local, () => builder.tag(image, local, call));
        } finally {
          await removeSharedTag(reference, builder, call);
        }
        return image;
      } catch (error) {
        rethrowIfAborted(error, call);
        const isAbsent = isImageSourceError(error) && error.code === "SOURCE_NOT_FOUND";
        if (isAbsent) call.log.debug("no host has shared this build yet", { reference });
        else
          call.log.warn("cannot get the shared build; building it here", {
            reference,
            error: String(error),
          });
        return undefined;
      }
    },
    async give(imageId, resolution, call) {
      // A working copy is one user's.
      if (!push || resolution.workingCopy !== undefined) return;
      const reference = sharedReference(registry, resolution);
      await call.progress.step("push", reference, (report) => builder.push(imageId, reference, report, call));
    },
  };
}

/** The build key covers everything that changes the result, so the tag means the same image on all hosts. */
function sharedReference(registry: string, { runtime, buildKey }: TemplateResolution): string {
  return `${templateImageName(registry, runtime)}:bk-${buildKey.slice(0, 32)}`;
}

async function verified(
  imageId: string,
  reference: string,
  { labels, platform }: TemplateResolution,
  builder: ImageBuilder,
  call: Call,
): Promise<ImageInspection | undefined> {
  const image = await builder.inspect(imageId, call, platform);
  const wrong = image === undefined ? "it does not exist" : differsFrom(image, labels, platform);
  if (wrong === undefined) return image;
  await builder.untag(reference, call);
  call.log.warn("the shared build does not match its name; building it here", {
    reference,
    why: wrong,
  });
  return undefined;
}

/** Never rejects. */
async function removeSharedTag(reference: string, builder: ImageBuilder, call: Call): Promise<void> {
  await builder.untag(reference, call).catch((error: unknown) => {
    call.log.debug("cannot remove the shared name of a build", {
      reference,
      error: String(error),
    });
  });
}

/** A caller's abort or a deadline is not the registry's fault. */
function rethrowIfAborted(error: unknown, { signal }: Call): void {
  if (signal.aborted) throw error;
}
