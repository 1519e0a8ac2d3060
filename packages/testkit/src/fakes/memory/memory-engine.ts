import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import {
  ImageSourceError,
  defaultPlatform,
  platformParts,
  type BuildRequest,
  type ContainerEngine,
  type EngineIdentity,
  type ImageInspection,
} from "@molecule/core";
import { memoryContainers } from "./memory-containers.js";
import type { MemoryImage } from "./memory-image.js";
import { pullArchive } from "./pull-archive.js";
import { readArchive } from "./read-archive.js";
import { readTar } from "./read-tar.js";

/** The identity of every in-memory engine. */
export const memoryIdentity: EngineIdentity = { kind: "docker", address: "unix:///memory" };

/**
 * An in-memory engine, for tests that must be fast. An image prints its `message.txt`: from the context, for
 * a build, which ignores the Dockerfile; from a layer, for an archive that is loaded. It cannot pull or push.
 */
export function createMemoryEngine(): ContainerEngine {
  const images = new Map<string, MemoryImage>();
  const names = new Map<string, string>();

  const idOf = (nameOrId: string): string | undefined =>
    images.has(nameOrId) ? nameOrId : names.get(nameOrId);
  const found = (nameOrId: string): (MemoryImage & Pick<ImageInspection, "tags">) | undefined => {
    const id = idOf(nameOrId);
    const image = id === undefined ? undefined : images.get(id);
    const tags = [...names].flatMap(([name, of]) => (of === id ? [name] : []));
    return image && { ...image, tags };
  };

  return {
    identify: async () => memoryIdentity,
    describe: async () => ({
      ...memoryIdentity,
      version: "0",
      apiVersion: "0",
      platform: defaultPlatform,
      buildkit: false,
    }),
    storageDirectory: async () => undefined,
    askRegistry: async () => undefined,
    async inspectImage(nameOrId, call) {
      call?.signal?.throwIfAborted();
      return found(nameOrId);
    },
    listImages: async () =>
      [...images.keys()].flatMap((id) => {
        const image = found(id);
        return image === undefined ? [] : [{ ...image, createdAt: 0 }];
      }),
    async tagImage(imageId, reference, call) {
      call?.signal?.throwIfAborted();
      const id = idOf(imageId);
      if (id === undefined) throw notThere(imageId);
      names.set(reference, id);
    },
    async removeImage(nameOrId) {
      const named = names.get(nameOrId);
      names.delete(nameOrId);
      const isLeft = [...names.values()].includes(named ?? nameOrId);
      if (!isLeft) images.delete(named ?? nameOrId);
    },
    async pullImage({ reference }, call) {
      const archive = await pullArchive(reference, call?.signal);
      const [pulled] = await readArchive(Readable.from([archive]));
      if (pulled === undefined) throw notThere(reference);
      call?.signal?.throwIfAborted();
      images.set(pulled.image.id, pulled.image);
      names.set(reference, pulled.image.id);
      return { digest: undefined };
    },
    pushImage: ({ reference }) => Promise.reject(notThere(reference)),
    async loadImage({ archive }, call) {
      const loaded = await readArchive(archive);
      call?.signal?.throwIfAborted();
      for (const { image, tags } of loaded) {
        images.set(image.id, image);
        for (const tag of tags) names.set(tag, image.id);
      }
      return { loaded: loaded.flatMap(({ image, tags }) => (tags.length === 0 ? [image.id] : tags)) };
    },
    async buildImage(request, call) {
      const image = await built(request, call?.signal);
      images.set(image.id, image);
      return { imageId: image.id };
    },
    ...memoryContainers((imageId) => found(imageId)?.prints),
    close: async () => undefined,
  };
}

async function built(
  { context, labels, platform, noCache, report }: BuildRequest,
  signal: AbortSignal | undefined,
): Promise<MemoryImage> {
  const { stream } = await context.archive(memoryIdentity.kind);
  const files = await readTar(stream);
  // A short delay, as with any engine, so that callers overlap.
  await new Promise(setImmediate);
  signal?.throwIfAborted();
  report.output(`${String(files.size)} files`);
  const hash = createHash("sha256").update(
    JSON.stringify({ labels, platform, salt: noCache && randomUUID() }),
  );
  for (const [name, content] of files) hash.update(name).update(content);
  return {
    id: `sha256:${hash.digest("hex")}`,
    ...platformParts(platform),
    labels,
    digests: [],
    sizeBytes: 0,
    taggedAt: null,
    prints: files.get("message.txt")?.toString("utf8") ?? "",
  };
}

function notThere(reference: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: `the in-memory engine has no image ${reference}`,
    hint: "Build the image with this engine, or use a real engine.",
  });
}
