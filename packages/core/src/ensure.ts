import { checkReadyImage } from "./check-answer.js";
import { isImageSourceError } from "./errors.js";
import { findImage } from "./find-image.js";
import type { Call, ImageSource, ReadyImage } from "./image-source.js";
import { makeImage, type MakeEdges } from "./make-image.js";
import { resolveImage } from "./resolve-image.js";
import { retried } from "./retried.js";
import type { RuntimeName } from "./runtime-name.js";

/** What moves faster than it can be fetched is not run after for ever. */
const maxResolutions = 3;

export interface Ensured {
  readonly image: ReadyImage;
  /** It was there already. */
  readonly cached: boolean;
  /** The last good one, in the place of one that could not be looked up. */
  readonly stale: boolean;
}

/** The whole story; told anew, at most three times, when what was resolved has moved before it could be fetched. */
export async function ensure(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  edges: MakeEdges,
): Promise<Ensured> {
  for (let left = maxResolutions - 1; ; left--) {
    try {
      return await ensureResolved(source, runtime, call, edges);
    } catch (error) {
      if (left === 0 || !isImageSourceError(error) || !error.again) throw error;
      call.signal.throwIfAborted();
      call.log.warn("what was resolved has moved meanwhile; resolving anew", { runtime, why: error.message });
    }
  }
}

/** Which image, is it there, else make it so. */
async function ensureResolved(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  edges: MakeEdges,
): Promise<Ensured> {
  const { clock } = edges;
  const resolved = await resolveImage(source, runtime, call, clock);
  if ("lastGood" in resolved) return { image: resolved.lastGood, cached: true, stale: true };
  const { resolution } = resolved;

  // Asked for anew: what is there already is no answer.
  const found = call.fresh ? undefined : await findImage(source, resolution, call, clock);
  if (found?.hit !== true) {
    const made = await makeImage(source, resolution, call, edges);
    checkReadyImage(made.image, resolution, source.name);
    return { ...made, stale: false };
  }
  const image = await retried(resolution.reference, call, clock, () =>
    source.provide(resolution, found, call),
  );
  checkReadyImage(image, resolution, source.name);
  return { image, cached: true, stale: false };
}
