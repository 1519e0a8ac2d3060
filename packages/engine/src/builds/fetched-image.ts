import { isImageSourceError, parseImageReference } from "@molecule/core";

/**
 * The image that a step of a build fetches, as it stands there; undefined: it fetches none. Measured on BuildKit:
 * `[internal] load metadata for h/x:y`, `[1/2] FROM h/x:y`, `FROM h/x:y` (of a `COPY --from`),
 * `resolve image config for docker-image://h/x:y` and `docker-image://h/x:y` (of `# syntax=`); classic builder:
 * `[2/2] COPY --from=h/x:y …`; Podman: `[stage 2/2, 1/2] FROM h/x:y AS z`.
 */
export function fetchedImage(step: string): string | undefined {
  const known =
    /^\[internal\] load metadata for (\S+)|^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+)|^\[[^\]]*\] COPY (?:--(?!from=)\S+ )*--from=(\S+)|^(?:resolve image config for )?docker-image:\/\/(\S+)|^resolve image config for (\S+)/i;
  const [, ...images] = known.exec(step) ?? [];
  return images.find(Boolean);
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
