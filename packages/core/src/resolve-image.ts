import { checkImageId, checkResolution } from "./check-answer.js";
import { isRecallable } from "./capabilities.js";
import type { Clock } from "./edges.js";
import { isImageSourceError } from "./errors.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "./image-source.js";
import { retried } from "./retried.js";
import type { RuntimeName } from "./runtime-name.js";

/** Which image; or the last good one, where that cannot be looked up and the source may answer with it. */
export type Resolved = { readonly resolution: Resolution } | { readonly lastGood: ReadyImage };

export async function resolveImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  clock: Clock,
): Promise<Resolved> {
  try {
    const resolution = await call.progress.step("resolve", runtime, () =>
      retried(runtime, call, clock, () => source.resolve(runtime, call)),
    );
    checkResolution(resolution, runtime, source.name);
    return { resolution };
  } catch (error) {
    const lastGood = call.fresh ? undefined : await recalled(source, runtime, call, error);
    if (lastGood === undefined) throw error;
    return { lastGood };
  }
}

async function recalled(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  error: unknown,
): Promise<ReadyImage | undefined> {
  if (!isImageSourceError(error) || error.code !== "SOURCE_UNREACHABLE" || !isRecallable(source))
    return undefined;
  const image = await source.lastGood(runtime, call);
  if (image === undefined) return undefined;
  checkImageId(image, source.name);
  call.log.warn("the source cannot be reached; the last good image is used, which may be out of date", {
    runtime,
    reference: image.reference,
    imageId: image.imageId,
    revision: image.revision,
    why: error.message,
  });
  return image;
}
