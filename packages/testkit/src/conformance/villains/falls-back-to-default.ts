import { defaultPlatform, isImageSourceError, parseCommitSha, type ReadyImage } from "@molecule/core";
import { villain } from "./reference-plugin.js";

const revision = parseCommitSha("d".repeat(40));

/** Falls back to a default image when the upstream has none. */
export const fallsBackToDefault = villain((honest) => ({
  async resolve(runtime, call) {
    try {
      return await honest.resolve(runtime, call);
    } catch (error) {
      if (!isImageSourceError(error) || error.code !== "SOURCE_NOT_FOUND") throw error;
      const reference = `reference/${runtime}:default`;
      return { runtime, reference, revision, buildKey: "default", platform: defaultPlatform };
    }
  },
  async provide(resolution, found, call): Promise<ReadyImage> {
    if (resolution.revision !== revision) return honest.provide(resolution, found, call);
    const { reference, buildKey, platform } = resolution;
    const imageId = `sha256:${"d".repeat(64)}`;
    return { reference, imageId, digest: null, revision, platform, buildKey, engine: null };
  },
}));
