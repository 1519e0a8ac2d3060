import { defaultPlatform } from "@molecule/core";
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
