import { defaultPlatform, platformParts, type ImageInspection } from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";

const refuse = (what: string) => (): Promise<never> => Promise.reject(new Error(`${what} was called`));

/** A builder that has a platform and no images. Anything else that it is asked for is an error. */
export const stubBuilder: ImageBuilder = {
  engine: () => Promise.resolve(null),
  nativePlatform: () => Promise.resolve(defaultPlatform),
  inspect: () => Promise.resolve(undefined),
  images: refuse("images"),
  inUse: refuse("inUse"),
  build: refuse("build"),
  tag: refuse("tag"),
  pull: refuse("pull"),
  push: refuse("push"),
  untag: refuse("untag"),
  discard: refuse("discard"),
};

/** An image for the default platform, with these facts. */
export function stubImage(facts: Partial<ImageInspection>): ImageInspection {
  const { os, architecture, variant } = platformParts(defaultPlatform);
  const id = `sha256:${"1".repeat(64)}`;
  return {
    id,
    labels: {},
    tags: [],
    digests: [],
    sizeBytes: 0,
    taggedAt: null,
    os,
    architecture,
    variant,
    ...facts,
  };
}
