import { ownBase, storageUnusable, type Prunable, type SourceServices } from "@molecule/core";
import type { BuildRecords } from "../build-records.js";
import { discardDirectory } from "../checkout/work-directory.js";
import type { ImageBuilder } from "../image-builder.js";
import { isolationSuffix, isolationVariable } from "../local-reference.js";
import { discardImage } from "./discard-image.js";
import { storedCheckouts } from "./stored-checkouts.js";
import { storedImages, type ImageStore } from "./stored-images.js";

/** What builds of templates have left here: images in the builder's storage, checkouts in the cache directory. */
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
      return item.path === null ? undefined : discardFiles(item.path);
    },
  };
}

async function discardFiles(path: string): Promise<undefined> {
  try {
    await discardDirectory(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw storageUnusable(path, code, error);
  }
}
