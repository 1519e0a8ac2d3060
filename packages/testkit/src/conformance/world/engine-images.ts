import type { ContainerEngine, Platform } from "@molecule/core";
import { runImage } from "./run-image.js";
import type { ImageStore } from "./suite-options.js";

/** The images in an engine. */
export function engineImages(engine: ContainerEngine, platform: Platform): ImageStore {
  return {
    list: async () =>
      (await engine.listImages({})).flatMap(({ id, tags, digests }) =>
        [...tags, ...digests].map((name) => ({ name, imageId: id })),
      ),
    tag: (imageId, name) => engine.tagImage(imageId, name),
    remove: (name) => engine.removeImage(name),
    print: (imageId) => runImage(engine, { imageId, platform }),
  };
}
