import { inspectPulled, type ContainerEngine } from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";

/** Builds through the API of a container engine. */
export function engineImageBuilder(engine: ContainerEngine): ImageBuilder {
  return {
    engine: (call) => engine.identify(call),
    nativePlatform: async (_runtime, call) => (await engine.describe(call)).platform,
    inspect: (nameOrId, { signal }, platform) => engine.inspectImage(nameOrId, { signal, platform }),
    async images(labels, call) {
      const listed = await engine.listImages({ labels }, call);
      const { signal } = call;
      // Images built here are for one platform, which may differ from the engine's default.
      const seen = await Promise.all(
        listed.map(({ id, platforms }) => engine.inspectImage(id, { signal, platform: platforms?.[0] })),
      );
      // An image may have been removed since it was listed.
      return seen.filter((image) => image !== undefined);
    },
    async inUse(call) {
      const containers = await engine.listContainers({}, call);
      return new Map(containers.map(({ imageId, name, id }) => [imageId, name === "" ? id : name]));
    },
    askRegistry: (reference, call) => engine.askRegistry(reference, call),
    tag: ({ id }, reference, call) => engine.tagImage(id, reference, call),
    async pull(reference, platform, report, call) {
      const pulled = await engine.pullImage({ reference, platform, report }, call);
      const image = await inspectPulled(engine, { reference, platform }, pulled, call);
      if (image === undefined) throw new Error(`${reference} is missing after the pull`);
      return image.id;
    },
    async push(imageId, reference, report, call) {
      await engine.tagImage(imageId, reference, call);
      try {
        await engine.pushImage({ reference, report }, call);
      } finally {
        await engine.removeImage(reference).catch(() => undefined);
      }
    },
    untag: (reference, call) => engine.removeImage(reference, call),
    discard: ({ id }, call) => engine.removeImage(id, call),
    async build(plan, report, call) {
      const { context, platform, labels, target, buildArgs, baseRegistries, plainBases, fresh } = plan;
      const secrets = Object.fromEntries(
        Object.entries(plan.secrets).map(([id, { value }]) => [id, value] as const),
      );
      const what = { context, platform, labels, target, buildArgs, baseRegistries, plainBases, secrets };
      const request = { ...what, noCache: fresh, pullBases: fresh, report };
      return (await engine.buildImage(request, { signal: call.signal })).imageId;
    },
  };
}
