import { systemCode, systemWords, type Call, type Prunable, type SourceServices } from "@molecule/core";
import { ownBase } from "@molecule/node-edges";
import type { BuildRecords } from "../build-records.js";
import { discardDirectory } from "../checkout/work-directory.js";
import type { ImageBuilder } from "../image-builder.js";
import { isolationSuffix, isolationVariable } from "../local-reference.js";
import { discardImage } from "./discard-image.js";
import { storedCheckouts } from "./stored-checkouts.js";
import { storedImages, type ImageStore } from "./stored-images.js";

/** What template builds leave on this host: images in the builder's storage, checkouts in the cache directory. */
export function templateStorage(
  builder: ImageBuilder,
  records: BuildRecords,
  { cacheDir, env, registry }: Pick<SourceServices, "cacheDir" | "env" | "registry">,
): Prunable {
  const { prefix } = registry;
  const store = (): ImageStore => {
    const isolation = isolationSuffix(env[isolationVariable]);
    return { builder, records, space: { prefix, isolation } };
  };

  return {
    async stored(call) {
      const { space } = store();
      const { items: files, beingFilled } = await storedCheckouts(
        [ownBase(cacheDir, env), cacheDir],
        (runtime, commit) => [`${prefix}/workspace-template-${runtime}:${commit}${space.isolation}`],
      );
      return [...(await storedImages(store(), beingFilled, call)), ...files];
    },
    async discard(item, call) {
      if (item.kind === "image") return discardImage(store(), item, call);
      return item.path === null ? undefined : discardFiles(item.path, call);
    },
  };
}

/** Returns why it cannot be removed. One failure, on a read-only disk for example, does not stop the others. */
async function discardFiles(path: string, { log }: Call): Promise<string | undefined> {
  try {
    await discardDirectory(path);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    log.warn("a directory of the cache cannot be removed", { path, error: systemWords(code) });
    return `it cannot be removed: ${systemWords(code)}`;
  }
}
