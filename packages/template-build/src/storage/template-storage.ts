import {
  defaultPlatform,
  isImageSourceError,
  runTogether,
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
    async stored(call) {
      const images = imageStore();
      const { checkouts, work, beingFilled } = await storedCheckouts(store);
      const natives = await nativePlatforms(builder, new Set(checkouts.map(({ runtime }) => runtime)), call);
      // One checkout serves builds for every platform. The work directory shows a build for any other platform.
      const files = checkouts.map((checkout) => {
        const { runtime, revision: commit } = checkout;
        const native = natives.get(runtime) ?? defaultPlatform;
        const platforms = new Set([defaultPlatform, native, platform ?? native]);
        const references = [...platforms].map(
          (one) => localReference({ ...images.space, runtime, commit, platform: one }).reference,
        );
        return { ...checkout, references };
      });
      const repositories = await storedRepositories(store);
      return [...(await storedImages(images, beingFilled, call)), ...work, ...files, ...repositories];
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
 * Looks up the native platform of each runtime, all at the same time because a builder that hangs takes seconds. Without
 * a builder it is the default platform: nothing is being built for another one, and checkouts can still be listed.
 */
async function nativePlatforms(
  builder: ImageBuilder,
  runtimes: ReadonlySet<RuntimeName>,
  call: Call,
): Promise<ReadonlyMap<RuntimeName, Platform>> {
  const lookUp = async (runtime: RuntimeName, signal: AbortSignal) => {
    try {
      return [runtime, await builder.nativePlatform(runtime, { ...call, signal })] as const;
    } catch (error) {
      const isDown = isImageSourceError(error) && ["ENGINE_UNAVAILABLE", "TOOL_MISSING"].includes(error.code);
      if (!isDown) throw error;
      return [runtime, defaultPlatform] as const;
    }
  };
  const tasks = [...runtimes].map((runtime) => (signal: AbortSignal) => lookUp(runtime, signal));
  return new Map(await runTogether(call.signal, ...tasks));
}
