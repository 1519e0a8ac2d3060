import {
  defaultPlatform,
  isImageSourceError,
  systemCode,
  systemWords,
  type Call,
  type Log,
  type Platform,
  type Prunable,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import type { ImageBuilder } from "../image/image-builder.js";
import { isolationSuffix, isolationVariable, localReference } from "../image/local-reference.js";
import { discardImage } from "./discard-image.js";
import { storedCheckouts } from "./stored-checkouts.js";
import { lockStoredRepository, storedRepositories } from "./stored-repositories.js";
import { storedImages, type ImageStore } from "./stored-images.js";

/**
 * The items that template builds leave on this host: images in the builder's storage, checkouts and repositories in the
 * store.
 */
export function templateStorage(
  builder: ImageBuilder,
  records: ImageStore["records"],
  { store, env, registry, platform }: Pick<SourceServices, "store" | "env" | "registry" | "platform">,
): Prunable {
  const prefix = builder.registry ?? registry.prefix;
  const imageStore = (): ImageStore => {
    const isolation = isolationSuffix(env[isolationVariable]);
    return { builder, records, space: { prefix, isolation } };
  };

  return {
    imagesElsewhere: builder.registry !== undefined,
    async stored(call) {
      const images = imageStore();
      // One checkout serves builds for every platform. The work directory shows a build for any other platform.
      const nativeOf = nativePlatforms(builder, call);
      const { items: files, beingFilled } = await storedCheckouts(store, async (runtime, commit) => {
        const native = await nativeOf(runtime);
        const platforms = new Set([defaultPlatform, native, platform ?? native]);
        return [...platforms].map(
          (one) => localReference({ ...images.space, runtime, commit, platform: one }).reference,
        );
      });
      const repositories = await storedRepositories(store);
      return [...(await storedImages(images, beingFilled, call)), ...files, ...repositories];
    },
    async discard(item, call) {
      if (item.kind === "image") return discardImage(imageStore(), item, call);
      if (item.path === null) return undefined;
      return item.kind === "repository"
        ? discardRepository(item.runtime, item.path, call.log)
        : discardFiles(item.path, call.log);
    },
  };

  /** Returns why it cannot be removed. */
  async function discardRepository(runtime: string, path: string, log: Log): Promise<string | undefined> {
    const release = await lockStoredRepository(store, runtime, path);
    if (release === undefined) return "a process is using it";
    try {
      return await discardFiles(path, log);
    } finally {
      await release();
    }
  }

  /** Returns why it cannot be removed. One failure, on a read-only disk for example, does not stop the others. */
  async function discardFiles(path: string, log: Log): Promise<string | undefined> {
    try {
      await store.discard(path);
      return undefined;
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      log.warn("a directory of the cache cannot be removed", { path, error: systemWords(code) });
      return `it cannot be removed: ${systemWords(code)}`;
    }
  }
}

/**
 * Looks up the native platform of each runtime once. Without a builder it is the default platform: nothing is being
 * built for another one, and checkouts can still be listed.
 */
function nativePlatforms(builder: ImageBuilder, call: Call): (runtime: RuntimeName) => Promise<Platform> {
  const known = new Map<RuntimeName, Platform>();
  let isDown = false;
  return async (runtime) => {
    try {
      const native =
        known.get(runtime) ?? (isDown ? defaultPlatform : await builder.nativePlatform(runtime, call));
      known.set(runtime, native);
      return native;
    } catch (error) {
      isDown = isImageSourceError(error) && ["ENGINE_UNAVAILABLE", "TOOL_MISSING"].includes(error.code);
      if (!isDown) throw error;
      return defaultPlatform;
    }
  };
}
