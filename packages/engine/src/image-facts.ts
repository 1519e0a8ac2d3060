import { parseImageReference, type ImageInspection, type ImageSummary } from "@molecule/core";
import { fieldsOf, numberOf, textMapOf, textOf, textsOf } from "./json-fields.js";

/** Reads `GET /images/NAME/json`. */
export function imageInspection(answer: unknown): ImageInspection {
  const image = fieldsOf(answer);
  return {
    id: fullId(textOf(image.Id)),
    labels: textMapOf(fieldsOf(image.Config).Labels),
    tags: familiar(image.RepoTags),
    digests: familiar(image.RepoDigests),
    sizeBytes: numberOf(image.Size),
    taggedAt: moment(textOf(fieldsOf(image.Metadata).LastTagTime)),
    os: textOf(image.Os),
    architecture: textOf(image.Architecture),
    variant: textOf(image.Variant),
  };
}

/** Reads one element of `GET /images/json`. */
export function imageSummary(answer: unknown): ImageSummary {
  const image = fieldsOf(answer);
  return {
    id: fullId(textOf(image.Id)),
    labels: textMapOf(image.Labels),
    tags: familiar(image.RepoTags),
    digests: familiar(image.RepoDigests),
    sizeBytes: numberOf(image.Size),
    createdAt: numberOf(image.Created),
  };
}

/** Podman leaves the kind of hash out. */
export function fullId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** Go's zero time stands for never; Podman says nothing at all. */
function moment(time: string): string | null {
  const milliseconds = Date.parse(time);
  return milliseconds > 0 ? new Date(milliseconds).toISOString() : null;
}

/** Docker writes `<none>:<none>` for an image without names; Podman writes names in full. */
function familiar(names: unknown): readonly string[] {
  return textsOf(names)
    .filter((name) => !name.includes("<none>"))
    .map((name) => parseImageReference(name).familiar);
}
