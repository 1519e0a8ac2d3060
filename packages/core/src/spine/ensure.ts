import { checkReadyImage } from "./check-result.js";
import { isImageSourceError } from "../errors/errors.js";
import { findImage } from "./find-image.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { makeImage, type MakeEdges } from "./make-image.js";
import { recallImage, resolveImage } from "./resolve-image.js";
import { withRetry } from "../concurrency/with-retry.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** Bounds the retries for an image that keeps moving while it is fetched. */
const maxResolutions = 3;

export interface Ensured {
  readonly image: ReadyImage;
  /** Whether the image already existed. */
  readonly cached: boolean;
  /** Whether this is the last good image, because the current one could not be looked up or fetched. */
  readonly stale: boolean;
}

/**
 * Resolves, finds and, if missing, makes the image. Resolves again, at most twice, if the image moved before the fetch.
 * @param planned the resolution of a recent plan, used instead of the first look-up
 */
export async function ensure(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  edges: MakeEdges,
  planned?: Resolution,
): Promise<Ensured> {
  for (let triesLeft = maxResolutions - 1; ; triesLeft--) {
    try {
      const resolved =
        planned !== undefined && triesLeft === maxResolutions - 1
          ? { resolution: planned }
          : await resolveImage(source, runtime, call, edges.clock);
      if ("lastGood" in resolved) return { image: resolved.lastGood, cached: true, stale: true };
      return await ensureResolved(source, resolved.resolution, call, edges);
    } catch (error) {
      if (triesLeft === 0 || !isImageSourceError(error) || !error.again) throw error;
      call.signal.throwIfAborted();
      call.log.warn("the resolved revision has moved; resolving again", { runtime, why: error.message });
    }
  }
}

/** Finds or makes the image. */
async function ensureResolved(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  edges: MakeEdges,
): Promise<Ensured> {
  const { clock } = edges;
  // A refresh ignores an existing image.
  const found = call.fresh ? undefined : await findImage(source, resolution, call, clock);
  if (found?.hit !== true) {
    try {
      const result = await makeImage(source, resolution, call, edges);
      checkReadyImage(result.image, resolution, source.name);
      return { ...result, stale: false };
    } catch (error) {
      const isOwn = isImageSourceError(error) && asksOwnServer(error.step, resolution);
      const lastGood = isOwn ? await recallImage(source, resolution.runtime, call, error) : undefined;
      if (lastGood === undefined) throw error;
      return { image: lastGood, cached: true, stale: true };
    }
  }
  const image = await withRetry(resolution.reference, call, clock, () =>
    source.provide(resolution, found, call),
  );
  checkReadyImage(image, resolution, source.name);
  return { image, cached: true, stale: false };
}

/**
 * Whether the step contacts the source's own server. A forge may serve look-ups while its git is down; pulls during a
 * build contact other servers.
 */
function asksOwnServer(step: string | null, { buildKey }: Resolution): boolean {
  return step === "checkout" || (step === "pull" && buildKey === null);
}
