import { text } from "node:stream/consumers";
import type { ContainerEngine, Platform } from "@molecule/core";
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
    async print(imageId) {
      const { id } = await engine.createContainer({
        name: undefined,
        imageId,
        platform,
        env: {},
        args: undefined,
        labels: {},
        autoRemove: false,
      });
      try {
        const output = await engine.attachContainer(id);
        output.stderr.resume();
        await engine.startContainer(id);
        const printed = await text(output.stdout);
        await engine.waitContainer(id);
        return printed;
      } finally {
        await engine.removeContainer(id, { force: true });
      }
    },
  };
}
