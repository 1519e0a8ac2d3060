import {
  ImageSourceError,
  isPlatform,
  parseImageReference,
  type Call,
  type Found,
  type ImageInspection,
  type ImageSource,
  type Missing,
  type Platform,
  type PlatformParts,
  type ReadyImage,
  type Resolution,
  type SourceServices,
} from "@molecule/core";
import type { RegistryOptions } from "./registry-options.js";

/** Pulls `<prefix>/workspace-template-<runtime>:<tag>` with the engine. */
export function registrySource(
  name: string,
  options: RegistryOptions,
  services: SourceServices,
): ImageSource {
  const { engine } = services;
  const { tag, pullPolicy } = options;

  async function ready(
    { reference, platform }: Resolution,
    image: ImageInspection,
    digest: string | undefined,
    call: Call,
  ): Promise<ReadyImage> {
    return {
      reference,
      imageId: image.id,
      digest: digest ?? registryDigest(image, reference),
      revision: null,
      platform,
      buildKey: null,
      engine: await engine.identify(call),
    };
  }

  return {
    name,

    async resolve(runtime, call) {
      // As the variable has it, letter for letter: production's references do not change.
      const reference = `${services.registry.prefix}/workspace-template-${runtime}:${tag}`;
      const platform = services.platform ?? (await engine.describe(call)).platform;
      return { runtime, reference, revision: null, buildKey: null, platform };
    },

    async find(resolution, call): Promise<Found | Missing> {
      if (pullPolicy === "always") return { hit: false, why: "pullPolicy is always" };
      const { reference, platform } = resolution;
      const image = await engine.inspectImage(reference, call);
      if (image === undefined) return { hit: false, why: `there is no image ${reference}` };
      if (!isPlatform(image, platform)) {
        return { hit: false, why: `${reference} is there for ${written(image)}, not for ${platform}` };
      }
      return { hit: true, image: await ready(resolution, image, undefined, call) };
    },

    async provide(resolution, found, call) {
      if (found !== undefined) return found.image;
      const { reference, platform } = resolution;
      if (pullPolicy === "never" && !call.fresh) throw notPresent(reference, platform);
      return call.progress.step("pull", reference, async (report) => {
        const { digest } = await engine.pullImage({ reference, platform, report }, call);
        const image = await engine.inspectImage(reference, call);
        if (image === undefined) throw mismatch(`${reference} is not there after the pull`);
        // An engine pulls a manifest of another platform without a word.
        if (!isPlatform(image, platform))
          throw mismatch(`${reference} is for ${written(image)}, not for ${platform}`);
        return ready(resolution, image, digest, call);
      });
    },
  };
}

/** The digest under which this repository's registry has the image. */
function registryDigest(image: ImageInspection, reference: string): string | null {
  const { registry, repository } = parseImageReference(reference);
  const of = image.digests
    .map(parseImageReference)
    .find((one) => one.registry === registry && one.repository === repository);
  return of?.digest ?? null;
}

function written({ os, architecture, variant }: PlatformParts): string {
  return [os, architecture, variant].filter((part) => part !== "").join("/");
}

function notPresent(reference: string, platform: Platform): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `${reference} is not present for ${platform}, and pullPolicy is never`,
    hint: "Load the image into the engine, or set options.registry-pull.pullPolicy to missing.",
  });
}

function mismatch(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MISMATCH",
    message,
    hint: "Ask who publishes the image for this platform, or set MOLECULE_IMAGE_PLATFORM to one that exists.",
  });
}
