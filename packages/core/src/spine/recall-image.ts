import { checkImageId, checkRequested } from "./check-result.js";
import { isRecallable } from "../contract/capabilities.js";
import { isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import type { RuntimeName } from "../values/runtime-name.js";

/**
 * Returns whether the error is from a step that contacts the source's own server, so that the last good image may take
 * its place. A forge may serve lookups while its git is down. Pulls during a build contact other servers.
 */
export function isFromOwnServer(error: unknown, { buildKey }: Resolution): error is ImageSourceError {
  if (!isImageSourceError(error)) return false;
  return error.step === "checkout" || (error.step === "pull" && buildKey === null);
}

/** Returns whether {@link recallImage} would return an image. Logs a warning if one is allowed, and there is none. */
export async function hasLastGood(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<boolean> {
  if (!isReplaceable(error, call)) return false;
  const image = await lastGoodOf(source, runtime, call);
  if (image === null) {
    const message =
      "the source cannot be reached; retrying, because there is no earlier image to fall back to";
    call.log.warn(message, { runtime, why: error.message });
  }
  return image !== undefined && image !== null;
}

/**
 * Returns the last good image if the source's server cannot be reached and the source may fall back to it; never for
 * a refresh. Otherwise rejects with the error, which then states whether there is no such image, or its lookup failed.
 */
export async function recallImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<ReadyImage> {
  if (!isReplaceable(error, call)) throw error;
  const why = error.message;
  const image = await lastGoodOf(source, runtime, call).catch((cause: unknown) => {
    if (call.signal.aborted) throw cause;
    // The server's error is the one to act on.
    call.log.warn("cannot look up the last good image", { runtime, error: String(cause) });
    throw error.with({ message: `${why}; cannot look up an earlier image of ${runtime} to fall back to` });
  });
  if (image === undefined) throw error;
  if (image === null)
    throw error.with({ message: `${why}; ${runtime} has no earlier image to fall back to` });
  checkImageId(image, source.name);
  checkRequested(image, call.requested, source.name);
  call.log.warn("the source cannot be reached; using the last good image, which may be out of date", {
    runtime,
    reference: image.reference,
    imageId: image.imageId,
    revision: image.revision,
    why,
  });
  return image;
}

/** Returns whether the last good image may be used after this error. */
function isReplaceable(error: unknown, call: Call): error is ImageSourceError {
  if (call.fresh || !isImageSourceError(error) || error.code !== "SOURCE_UNREACHABLE") return false;
  // A caller that asks for one commit or digest accepts no other image.
  return call.requested?.revision === undefined && call.requested?.digest === undefined;
}

async function lastGoodOf(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
): Promise<ReadyImage | null | undefined> {
  return isRecallable(source) ? source.lastGood(runtime, call) : undefined;
}
