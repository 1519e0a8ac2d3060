import { parseImageReference, type ImageInspection } from "@molecule/core";
import type { PullRecord } from "./pull-records.js";

/** The digests under which the reference's own repository has the image. */
function digestsIn(image: ImageInspection, reference: string): readonly string[] {
  const { registry, repository } = parseImageReference(reference);
  return image.digests
    .map(parseImageReference)
    .filter((one) => one.registry === registry && one.repository === repository)
    .flatMap(({ digest }) => (digest === null ? [] : [digest]));
}

/** Whether the registry has the image under that digest, as far as the engine knows. */
export function hasDigest(image: ImageInspection, reference: string, digest: string): boolean {
  return digestsIn(image, reference).includes(digest);
}

/** The digest of an image that is there: the pinned one, that of the last pull, else the first one known. */
export function digestOf(
  image: ImageInspection,
  reference: string,
  record: PullRecord | undefined,
): string | null {
  const known = digestsIn(image, reference);
  const wanted = [parseImageReference(reference).digest, record?.imageId === image.id ? record.digest : null];
  return wanted.find((digest) => digest !== null && known.includes(digest)) ?? known[0] ?? null;
}

/** The same repository by digest, where there is one. */
export function withDigest(reference: string, digest: string | undefined): string {
  if (digest === undefined) return reference;
  const { registry, repository } = parseImageReference(reference);
  return `${registry}/${repository}@${digest}`;
}
