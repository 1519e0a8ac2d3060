import { ImageSourceError } from "@molecule/core";
import type { BoundedResponse } from "@molecule/node-edges";

const contentHint = "Check that a registry serves this address, and that no proxy changes its responses.";

/** Returns the error of a response that is not 200. */
export function refusedBy(
  reference: string,
  { status, url, retryAfterMs }: BoundedResponse,
): ImageSourceError {
  const message = `${reference}: ${url} returned ${String(status)}`;
  if (status === 401 || status === 403)
    return new ImageSourceError({
      code: "SOURCE_DENIED",
      message,
      hint: "Check that this machine can reach the registry.",
    });
  if (status === 404)
    return new ImageSourceError({
      code: "SOURCE_NOT_FOUND",
      message,
      hint: "Check the path and the tag, or push the image.",
    });
  const mayPass = status === 408 || status === 429 || status >= 500;
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message,
    hint: "Retry; if the error persists, check the registry's log.",
    transient: mayPass ? { afterMs: retryAfterMs } : undefined,
  });
}

/** Returns the error of a registry that does not store a tag. */
export function notTagged(reference: string, tag: string, response: BoundedResponse): ImageSourceError {
  const { status, url } = response;
  return refusedBy(reference, response).with({
    message: `cannot tag ${reference} as ${tag}: ${url} returned ${String(status)}`,
    // Registries with immutable tags return one of these statuses.
    ...([400, 405, 409, 412].includes(status) && {
      code: "SOURCE_DENIED",
      hint: "Allow the tags of this repository to be overwritten, or check the registry's log.",
    }),
  });
}

/** Returns the error of content that is not an image, or cannot be read. */
export function malformedImage(message: string): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_MALFORMED", message, hint: contentHint });
}

/** Returns the error of content with another digest. */
export function otherContent(message: string): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_MISMATCH", message, hint: contentHint });
}
