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
  const found = await lastGoodOf(source, runtime, call, error);
  if (found?.image === null) {
    const message =
      "the source cannot be reached; retrying, because there is no earlier image to fall back to";
    call.log.warn(message, { runtime, why: found.error.message });
  }
  return found !== undefined && found.image !== null;
}

/**
 * Returns the last good image if the source's server cannot be reached and the source may fall back to it; never for
 * a refresh. Otherwise rejects with the error, which then states whether there is no such image.
 */
export async function recallImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<ReadyImage> {
  const found = await lastGoodOf(source, runtime, call, error);
  if (found === undefined) throw error;
  const { image } = found;
  const why = found.error.message;
  if (image === null)
    throw found.error.with({ message: `${why}; ${runtime} has no earlier image to fall back to` });
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

async function lastGoodOf(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<{ readonly image: ReadyImage | null; readonly error: ImageSourceError } | undefined> {
  if (call.fresh || !isImageSourceError(error) || error.code !== "SOURCE_UNREACHABLE") return undefined;
  // A caller that asks for one commit or digest accepts no other image.
  if (call.requested?.revision !== undefined || call.requested?.digest !== undefined) return undefined;
  if (!isRecallable(source)) return undefined;
  const image = await source.lastGood(runtime, call);
  return image === undefined ? undefined : { image, error };
}
