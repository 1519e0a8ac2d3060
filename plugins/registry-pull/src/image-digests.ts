import { parseImageReference, type ImageInspection } from "@molecule/core";
import type { PullRecord } from "./pull-records.js";

/** Returns the digests of the image in the reference's own repository. */
function digestsIn(image: ImageInspection, reference: string): readonly string[] {
  const { registry, repository } = parseImageReference(reference);
  return image.digests
    .map(parseImageReference)
    .filter((one) => one.registry === registry && one.repository === repository)
    .flatMap(({ digest }) => (digest === null ? [] : [digest]));
}

/** Whether the engine knows the image by that registry digest. With the containerd store, image IDs are such digests. */
export function hasDigest(image: ImageInspection, reference: string, digest: string): boolean {
  return image.id === digest || digestsIn(image, reference).includes(digest);
}

/**
 * Returns the digest that the reference of a local image resolved to at the registry: the pin, else the recorded digest of
 * the last pull, else the first known digest. An engine may list the image under other digests than the index's.
 */
export function digestOf(
  image: ImageInspection,
  reference: string,
  record: PullRecord | undefined,
): string | null {
  const recorded = record?.imageId === image.id ? record.digest : null;
  return parseImageReference(reference).digest ?? recorded ?? digestsIn(image, reference)[0] ?? null;
}
