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

/** Whether the registry has the image under that digest, as far as the engine knows: the containerd store's IDs are digests. */
export function hasDigest(image: ImageInspection, reference: string, digest: string): boolean {
  return image.id === digest || digestsIn(image, reference).includes(digest);
}

/**
 * What the reference resolved to at the registry, of an image that is here: the pin, what the last pull said, else the first
 * digest known. An engine may keep the image under another digest than that of the index it came with.
 */
export function digestOf(
  image: ImageInspection,
  reference: string,
  record: PullRecord | undefined,
): string | null {
  const recorded = record?.imageId === image.id ? record.digest : null;
  return parseImageReference(reference).digest ?? recorded ?? digestsIn(image, reference)[0] ?? null;
}
