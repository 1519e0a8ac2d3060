import { checkImageId, checkResolution } from "./check-result.js";
import { isRecallable } from "../contract/capabilities.js";
import type { Clock } from "../contract/edges.js";
import { isImageSourceError } from "../errors/errors.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { withRetry } from "../concurrency/with-retry.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** The resolution, or the last good image if the look-up fails and the source may fall back to it. */
export type Resolved = { readonly resolution: Resolution } | { readonly lastGood: ReadyImage };

export async function resolveImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  clock: Clock,
): Promise<Resolved> {
  try {
    const resolution = await call.progress.step("resolve", runtime, () =>
      withRetry(runtime, call, clock, () => source.resolve(runtime, call), {
        hasAlternative: (error) => hasLastGood(source, runtime, call, error),
      }),
    );
    checkResolution(resolution, runtime, source.name);
    return { resolution };
  } catch (error) {
    const lastGood = await recallImage(source, runtime, call, error);
    if (lastGood === undefined) throw error;
    return { lastGood };
  }
}

/** Returns whether {@link recallImage} would return an image, without a log message. */
export async function hasLastGood(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<boolean> {
  return (await lastGoodOf(source, runtime, call, error)) !== undefined;
}

/**
 * Returns the last good image if the source's server cannot be reached and the source may fall back to it; never for
 * a refresh.
 */
export async function recallImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<ReadyImage | undefined> {
  const found = await lastGoodOf(source, runtime, call, error);
  if (found === undefined) return undefined;
  const { image, why } = found;
  checkImageId(image, source.name);
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
): Promise<{ readonly image: ReadyImage; readonly why: string } | undefined> {
  if (call.fresh || !isImageSourceError(error) || error.code !== "SOURCE_UNREACHABLE") return undefined;
  if (!isRecallable(source)) return undefined;
  const image = await source.lastGood(runtime, call);
  return image && { image, why: error.message };
}
