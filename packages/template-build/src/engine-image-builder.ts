import type { ContainerEngine } from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";

/** Builds through the API of a container engine: the context is packed while it is sent. */
export function engineImageBuilder(engine: ContainerEngine): ImageBuilder {
  return {
    engine: (call) => engine.identify(call),
    nativePlatform: async (call) => (await engine.describe(call)).platform,
    inspect: (nameOrId, call) => engine.inspectImage(nameOrId, call),
    tag: (imageId, reference, call) => engine.tagImage(imageId, reference, call),
    discard: (imageId, call) => engine.removeImage(imageId, call),
    async build({ directory, dockerfile, modifiedAt, fresh, ...plan }, report, { signal }) {
      // Only a build needs it: a hit starts faster without.
      const { packContext } = await import("./context/pack-context.js");
      const context = packContext({
        directory,
        dockerfile,
        modifiedAt,
        signal,
        onAmount: (bytes) => {
          report.amount(bytes, undefined, "bytes");
        },
      });
      const request = { ...plan, context, dockerfile, noCache: fresh, pullBases: fresh, report };
      return (await engine.buildImage(request, { signal })).imageId;
    },
  };
}
