import { isImageSourceError } from "../errors/errors.js";
import { parseImageReference } from "../values/image-reference.js";

/**
 * Returns the image that a build step pulls, as written in the step; undefined if it pulls none. Measured on BuildKit:
 * `[internal] load metadata for h/x:y`, `[1/2] FROM h/x:y`, `FROM h/x:y` (for `COPY --from`), `resolve image config for
 * docker-image://h/x:y` and `docker-image://h/x:y` (for `# syntax=`); classic builder: `[2/2] COPY --from=h/x:y …`;
 * Podman: `[stage 2/2, 1/2] FROM h/x:y AS z`.
 */
export function fetchedImage(step: string): string | undefined {
  const known =
    /^\[internal\] load metadata for (\S+)|^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+)|^\[[^\]]*\] COPY (?:--(?!from=)\S+ )*--from=(\S+)|^(?:resolve image config for )?docker-image:\/\/(\S+)|^resolve image config for (\S+)/i;
  const [, ...images] = known.exec(step) ?? [];
  return images.find(Boolean);
}

/** Returns the image of the frontend that a BuildKit step pulls for `# syntax=`; undefined if it pulls none. */
export function fetchedFrontend(step: string): string | undefined {
  return /^(?:resolve image config for |docker-image:\/\/)/.test(step) ? fetchedImage(step) : undefined;
}

/** Returns the registry that a step pulls its image from; undefined if it pulls none. */
export function fetchedFrom(step: string): string | undefined {
  try {
    const image = fetchedImage(step);
    return image === undefined ? undefined : parseImageReference(image).registry;
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
