import {
  isImageSourceError,
  templateImageName,
  type Call,
  type ImageInspection,
  type SourceServices,
  type StepReport,
} from "@molecule/core";
import type { ImageVerification, VerifiedImage } from "@molecule/signatures";
import type { ImageBuilder } from "./image/image-builder.js";
import { differsFrom } from "./image/image-labels.js";
import type { TemplateOptions } from "./options/template-options.js";
import type { TemplateResolution } from "./template-resolution.js";

/** Shares builds between hosts through a registry. A host that finds no shared image builds one. */
export interface SharedBuilds {
  /** Pulls exactly that image, checks it, and gives it its local tag; undefined if not available. */
  take(resolution: TemplateResolution, call: Call): Promise<SharedBuild | undefined>;
  /**
   * Pushes an image that was built here, if pushing is configured and no other host was first. Rejects like a push.
   */
  give(imageId: string, resolution: TemplateResolution, call: Call): Promise<void>;
}

/** An image that another host built. */
export interface SharedBuild {
  readonly image: ImageInspection;
  /** The ID of the policy that its signature was verified under; undefined if none is required. */
  readonly verifiedBy: string | undefined;
}

/** The dependencies of sharing, in addition to its options. */
export interface SharingParts {
  readonly builder: ImageBuilder;
  readonly registryClient: SourceServices["registryClient"];
  /** Undefined if shared builds need no signature. */
  readonly verification: ImageVerification | undefined;
}

/** Without options, nothing is shared. */
export function sharedBuilds(
  share: TemplateOptions["share"],
  { builder, registryClient, verification }: SharingParts,
): SharedBuilds {
  if (share === undefined) {
    return { take: async () => undefined, give: async () => undefined };
  }
  const { registry, push } = share;
  /** Builds that the registry did not have. Any other build replaces an image, for example after a refresh. */
  const missing = new WeakSet<TemplateResolution>();

  /** Whether the registry has an image under the tag; undefined if it cannot be queried. */
  async function isShared(tag: string, call: Call): Promise<boolean | undefined> {
    try {
      if ((await builder.askRegistry?.(tag, call)) === undefined)
        await registryClient.resolveDigest(tag, call);
      return true;
    } catch (error) {
      rethrowIfAborted(error, call);
      return isImageSourceError(error) && error.code === "SOURCE_NOT_FOUND" ? false : undefined;
    }
  }

  return {
    async take(resolution, call) {
      if (resolution.workingCopy !== undefined) return undefined;
      const tag = sharedReference(registry, resolution);
      try {
        const pulled = await call.progress.step("pull", tag, async (report) => {
          const signed = verification && (await verifiedBuild(verification, tag, report, call));
          // Exactly the digest that was verified: the tag may have moved since.
          const reference = signed?.reference ?? tag;
          const imageId = await builder.pull(reference, resolution.platform, report, call);
          const image = await matching(imageId, reference, resolution, builder, call);
          return image && { image, reference, verifiedBy: signed?.policyId };
        });
        if (pulled === undefined) return undefined;
        const { image, reference, verifiedBy } = pulled;
        // Fails if another caller of the engine has removed the shared tag, and the image with it.
        const { reference: local } = resolution;
        try {
          await call.progress.step("tag", local, () => builder.tag(image, local, call));
        } finally {
          await removeSharedName(reference, builder, call);
        }
        return { image, verifiedBy };
      } catch (error) {
        rethrowIfAborted(error, call);
        const known = isImageSourceError(error) ? error : undefined;
        if (known?.code === "SOURCE_NOT_FOUND") {
          // A pull also reports that if only a part of the image is missing, which a push repairs.
          if (push && (await isShared(tag, call)) === false) missing.add(resolution);
          call.log.debug("no host has shared this build yet", { reference: tag });
        } else
          call.log.warn("cannot get the shared build; building it here", {
            reference: tag,
            error: String(error),
            ...(known && { hint: known.hint }),
          });
        return undefined;
      }
    },
    async give(imageId, resolution, call) {
      // A working copy is one user's.
      if (!push || resolution.workingCopy !== undefined) return;
      const reference = sharedReference(registry, resolution);
      // Deleted, because a later refresh may have the same resolution.
      const wasMissing = missing.delete(resolution);
      const isPushed = async (): Promise<boolean> => wasMissing && (await isShared(reference, call)) === true;
      await call.progress.step("push", reference, async (report) => {
        if (await isPushed()) {
          report.output("another host has pushed this build");
          return;
        }
        try {
          await builder.push(imageId, reference, report, call);
        } catch (error) {
          rethrowIfAborted(error, call);
          // Registries with immutable tags refuse the second push, and not all of them give that reason.
          if (!(await isPushed())) throw error;
          call.log.debug("another host has pushed this build", { reference, error: String(error) });
        }
      });
    },
  };
}

/** The build key covers everything that changes the result, so the tag means the same image on all hosts. */
function sharedReference(registry: string, { runtime, buildKey }: TemplateResolution): string {
  return `${templateImageName(registry, runtime)}:bk-${buildKey.slice(0, 32)}`;
}

/** Verifies the signature of the shared build. `quiet` suspends the idle timeout until the line of output. */
async function verifiedBuild(
  verification: ImageVerification,
  tag: string,
  report: StepReport,
  call: Call,
): Promise<VerifiedImage> {
  report.quiet("verifying the signature of the shared build");
  const verified = await verification.verify(tag, call);
  report.output(`the signature of ${verified.reference} is valid`);
  return verified;
}

/** Returns the image if its labels and platform are those of the resolution. */
async function matching(
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
async function removeSharedName(reference: string, builder: ImageBuilder, call: Call): Promise<void> {
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
