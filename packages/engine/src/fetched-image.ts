import { isImageSourceError, parseImageReference } from "@molecule/core";

/**
 * The image that a step of a build fetches, as it stands there; undefined: it fetches none. Measured on 20.10.24:
 * `[internal] load metadata for h/x:y`, `[1/2] FROM h/x:y`, `FROM h/x:y` (of a `COPY --from`); classic: `[2/2] COPY --from=h/x:y …`.
 */
export function fetchedImage(step: string): string | undefined {
  const known =
    /^\[internal\] load metadata for (\S+)|^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+)|^\[[^\]]*\] COPY --from=(\S+)/i;
  const [, ofMetadata, ofFrom, ofCopy] = known.exec(step) ?? [];
  return ofMetadata ?? ofFrom ?? ofCopy;
}

/** Where a step fetches its image from. */
export function fetchedFrom(step: string): string | undefined {
  try {
    const image = fetchedImage(step);
    return image === undefined ? undefined : parseImageReference(image).registry;
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
