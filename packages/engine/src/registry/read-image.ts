import {
  ImageSourceError,
  isPlatform,
  platformOf,
  referenceByDigest,
  type Platform,
  type RegistryImage,
} from "@molecule/core";
import { fieldsOf, textMapOf, textOf, type Fields } from "../connection/json-fields.js";
import { digestOf } from "./content-digest.js";
import type { Repository } from "./open-repository.js";
import { parsedJson, type ListedManifest } from "./parse-manifest.js";
import { manifestIn } from "./read-manifest.js";
import { malformedImage, otherContent, refusedBy } from "./registry-failure.js";

/** Reads the image of a reference for a platform, and verifies the digest of everything that it reads. */
export async function imageIn(
  repository: Repository,
  reference: string,
  platform: Platform,
): Promise<RegistryImage> {
  const named = await manifestIn(repository, reference);
  const manifest = named.config === "" ? await ownManifest(named.images) : named;
  const { os, architecture, variant, config } = await configuration(manifest.config);
  const parts = { os: textOf(os), architecture: textOf(architecture), variant: textOf(variant) };
  if (!isPlatform(parts, platform)) throw otherPlatform(reference, platform, [platformOf(parts)]);
  const labels = textMapOf(fieldsOf(config).Labels);
  return { ...parts, digest: named.digest, manifest: manifest.digest, config: manifest.config, labels };

  async function ownManifest(images: readonly ListedManifest[]): ReturnType<typeof manifestIn> {
    const listed = images.find((image) => isPlatform(image.platform, platform));
    if (listed === undefined)
      throw otherPlatform(
        reference,
        platform,
        images.map((image) => platformOf(image.platform)),
      );
    const own = await manifestIn(repository, referenceByDigest(reference, listed.digest));
    if (own.config === "") throw malformedImage(`the index ${reference} lists an index for ${platform}`);
    return own;
  }

  async function configuration(digest: string): Promise<Fields> {
    // Registries often redirect to a store of another host.
    const response = await repository.request(`blobs/${digest}`, { accept: "*/*", allowsOtherOrigins: true });
    if (response.status !== 200) throw refusedBy(reference, response);
    const found = digestOf(response.body, digest);
    if (found !== digest)
      throw otherContent(`the configuration of ${reference} has the digest ${found}, not ${digest}`);
    return fieldsOf(parsedJson(reference, response.body));
  }
}

function otherPlatform(
  reference: string,
  platform: Platform,
  published: readonly Platform[],
): ImageSourceError {
  const list = [...new Set(published)].sort().join(", ");
  return new ImageSourceError({
    code: "SOURCE_MISMATCH",
    message: `${reference} has no image for ${platform}${list === "" ? "" : `; it is published for ${list}`}`,
    hint: "Set MOLECULE_IMAGE_PLATFORM to a platform that the image is published for, or publish it for this one.",
  });
}
