import { isImageSourceError } from "../errors/errors.js";
import { findImage } from "./find-image.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { makeImage, type MakeEdges } from "./make-image.js";
import { provideImage } from "./provide-image.js";
import { isFromOwnServer, recallImage } from "./recall-image.js";
import { resolveImage } from "./resolve-image.js";
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
 * @param planned the resolution of a recent plan, used instead of the first lookup
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
      call.log.warn("the resolved image has changed; resolving again", { runtime, why: error.message });
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
      return { ...(await makeImage(source, resolution, call, edges)), stale: false };
    } catch (error) {
      if (!isFromOwnServer(error, resolution)) throw error;
      const image = await recallImage(source, resolution.runtime, call, error);
      return { image, cached: true, stale: true };
    }
  }
  const { image } = await provideImage(source, resolution, found, call, clock);
  return { image, cached: true, stale: false };
}
