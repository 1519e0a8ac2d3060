import type { PlatformParts } from "@molecule/core";
import { fieldsOf, textOf, type Fields } from "../connection/json-fields.js";
import { isDigest } from "./content-digest.js";
import { malformedImage } from "./registry-failure.js";

/** An image that an index lists. */
export interface ListedManifest {
  readonly digest: string;
  readonly platform: PlatformParts;
}

/** The content of a manifest. */
export interface ParsedManifest {
  /** The images that an index lists, without attestations; empty for the manifest of a single image. */
  readonly images: readonly ListedManifest[];
  /** The digest of the configuration for the manifest of a single image; else empty. */
  readonly config: string;
}

type Kind = "an index" | "an image";

const kinds: Readonly<Record<string, Kind>> = {
  "application/vnd.oci.image.index.v1+json": "an index",
  "application/vnd.docker.distribution.manifest.list.v2+json": "an index",
  "application/vnd.oci.image.manifest.v1+json": "an image",
  "application/vnd.docker.distribution.manifest.v2+json": "an image",
};

/** The media types that can be parsed, as an Accept header. */
export const acceptedManifests = Object.keys(kinds).join(", ");

/**
 * Parses a manifest or an index. Throws `SOURCE_MALFORMED` unless its content and every stated media type agree on
 * which of the two it is: otherwise two clients could run different images of one digest.
 */
export function parseManifest(reference: string, body: string, contentType: string): ParsedManifest {
  const manifest = fieldsOf(parsedJson(reference, body));
  const kind = kindOf(reference, manifest);
  for (const type of [textOf(manifest.mediaType), contentType.replace(/\s*;.*$/s, "")])
    if (Object.hasOwn(kinds, type) && kinds[type] !== kind)
      throw malformedImage(`the registry's manifest of ${reference} has the type ${type}, but is ${kind}`);
  if (kind === "an index") return { images: imagesOf(manifest), config: "" };
  const config = textOf(fieldsOf(manifest.config).digest);
  if (!isDigest(config))
    throw malformedImage(`the registry's manifest of ${reference} has no valid digest of a configuration`);
  return { images: [], config };
}

/** Parses JSON from a registry. Throws `SOURCE_MALFORMED`. */
export function parsedJson(reference: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw malformedImage(`the registry's response for ${reference} is not JSON`);
  }
}

function kindOf(reference: string, { manifests, config, layers }: Fields): Kind {
  const isIndex = manifests !== undefined;
  const isImage = config !== undefined || layers !== undefined;
  if (isIndex !== isImage) return isIndex ? "an index" : "an image";
  const found = isIndex ? "both an index and an image" : "neither an index nor an image";
  throw malformedImage(`the registry's manifest of ${reference} is ${found}`);
}

function imagesOf({ manifests }: Fields): readonly ListedManifest[] {
  if (!Array.isArray(manifests)) return [];
  return manifests.map(fieldsOf).flatMap(({ digest, platform }) => {
    const { os, architecture, variant } = fieldsOf(platform);
    const parts = { os: textOf(os), architecture: textOf(architecture), variant: textOf(variant) };
    const isImage = isDigest(textOf(digest)) && !["", "unknown"].includes(parts.os);
    return isImage ? [{ digest: textOf(digest), platform: parts }] : [];
  });
}
