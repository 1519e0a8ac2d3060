import {
  defaultPlatform,
  isImageSourceError,
  parseImageReference,
  referenceByDigest,
  silentLog,
  templateImageName,
  type RegistryClient,
} from "@molecule/core";
import type { ImageBuilder } from "@molecule/template-build";
import { attestationArguments, attestationRegistries, runtimeOf } from "./build-arguments.js";
import { builderUnavailable } from "./builder-unavailable.js";
import type { BuildkitOptions } from "./buildkit-options.js";
import { chooseMachine } from "./choose-builder.js";
import type { BuildMeans } from "./run-build.js";

/** The registry that images are pushed to. */
export interface Destination {
  /** `HOST[:PORT]/PATH`. */
  readonly registry: string;
  readonly client: RegistryClient;
  readonly attest: BuildkitOptions["attest"];
}

/**
 * Builds on a BuildKit builder, which pushes the image by digest. The image gets its tags through the registry's API
 * once it has been read and verified there. A hit needs no builder.
 */
export function buildIntoRegistry(
  means: BuildMeans,
  { registry, client, attest }: Destination,
): ImageBuilder {
  return {
    registry,
    engine: async () => null,
    // The build itself warns of builders that are down.
    async nativePlatform(runtime, { signal }) {
      const { address, platform } = await chooseMachine(means.buildctl, runtime, { signal, log: silentLog });
      if (platform !== undefined) return platform;
      throw builderUnavailable(means.buildctl.describe(address), "it has no platform");
    },
    async inspect(name, { signal }, platform = defaultPlatform) {
      try {
        const image = await client.readImage(name, platform, { signal });
        return {
          ...image,
          id: image.config,
          tags: parseImageReference(name).tag === null ? [] : [name],
          digests: [referenceByDigest(name, image.digest)],
          sizeBytes: 0,
          taggedAt: null,
        };
      } catch (error) {
        if (isImageSourceError(error) && error.code === "SOURCE_NOT_FOUND") return undefined;
        throw error;
      }
    },
    async build(plan, report, call) {
      // Only a build needs it: a hit starts faster without.
      const { digestIn, runBuild } = await import("./run-build.js");
      const name = templateImageName(registry, runtimeOf(plan.labels));
      const exporter = { type: "image", name, "push-by-digest": "true", push: "true", store: "false" };
      const registries = [parseImageReference(name).registry, ...attestationRegistries(attest)];
      const output = { exporter, registries, args: attestationArguments(attest) };
      const built = await runBuild(means, plan, output, report, call);
      return referenceByDigest(name, digestIn(built, "containerimage.digest"));
    },
    async tag({ digests: [published = ""] }, reference, { signal }) {
      await client.tagImage(published, parseImageReference(reference).tag ?? "", { signal });
    },
    // Nothing is removed from a registry: other hosts may use it. Its own retention policy does.
    images: async () => [],
    inUse: async () => new Map(),
    untag: async () => undefined,
    discard: async () => undefined,
    // The option `share` is refused.
    pull: notShared,
    push: notShared,
  };
}

async function notShared(): Promise<never> {
  throw new TypeError("images in a registry are not shared through another one");
}
