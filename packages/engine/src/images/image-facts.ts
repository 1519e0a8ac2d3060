import {
  parseImageReference,
  platformOf,
  type ImageInspection,
  type ImageSummary,
  type Platform,
} from "@molecule/core";
import { fieldsOf, numberOf, textMapOf, textOf, textsOf } from "../connection/json-fields.js";

/** Parses the response of `GET /images/NAME/json`. */
export function imageInspection(response: unknown): ImageInspection {
  const image = fieldsOf(response);
  const tags = familiarTags(image.RepoTags);
  return {
    id: fullId(textOf(image.Id)),
    labels: textMapOf(fieldsOf(image.Config).Labels),
    tags,
    digests: familiar(image.RepoDigests),
    sizeBytes: numberOf(image.Size),
    // The containerd store reports a time even for an image that never had a name.
    taggedAt: tags.length === 0 ? null : moment(textOf(fieldsOf(image.Metadata).LastTagTime)),
    os: textOf(image.Os),
    architecture: textOf(image.Architecture),
    variant: textOf(image.Variant),
  };
}

/** Parses one element of `GET /images/json`. */
export function imageSummary(response: unknown): ImageSummary {
  const image = fieldsOf(response);
  return {
    id: fullId(textOf(image.Id)),
    labels: textMapOf(image.Labels),
    tags: familiarTags(image.RepoTags),
    digests: familiar(image.RepoDigests),
    sizeBytes: numberOf(image.Size),
    createdAt: numberOf(image.Created),
    platforms: platformsHere(image.Manifests),
  };
}

/** The containerd store lists all entries of an index, including attestations and platforms that were never pulled. */
function platformsHere(manifests: unknown): readonly Platform[] | undefined {
  if (!Array.isArray(manifests)) return undefined;
  return manifests
    .map(fieldsOf)
    .filter(({ Available, Kind }) => Available === true && Kind === "image")
    .map(({ ImageData }) => {
      const { os, architecture, variant } = fieldsOf(fieldsOf(ImageData).Platform);
      return platformOf({ os: textOf(os), architecture: textOf(architecture), variant: textOf(variant) });
    });
}

/** Podman omits the hash algorithm. */
export function fullId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** Go's zero time means never; Podman reports no time. */
function moment(time: string): string | null {
  const milliseconds = Date.parse(time);
  return milliseconds > 0 ? new Date(milliseconds).toISOString() : null;
}

/** The containerd store and Podman list names by digest among the tags. */
function familiarTags(names: unknown): readonly string[] {
  return familiar(names).filter((name) => !name.includes("@"));
}

/** Docker writes `<none>:<none>` for an image without names; Podman writes names in full. */
function familiar(names: unknown): readonly string[] {
  return textsOf(names)
    .filter((name) => !name.includes("<none>"))
    .map((name) => parseImageReference(name).familiar);
}
