import { isImageSourceError } from "./errors.js";
import { checkReadyImage, checkResolution } from "./check-answer.js";
import type { Call, Found, ImageSource, ReadyImage, Resolution } from "./image-source.js";
import type { KeyedLock } from "./keyed-lock.js";
import type { RuntimeName } from "./runtime-name.js";

/** What moves faster than it can be fetched is not run after for ever. */
const maxResolutions = 3;

/** The whole story; told anew, at most three times, when what was resolved has moved before it could be fetched. */
export async function ensure(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  lock: KeyedLock,
): Promise<{ image: ReadyImage; cached: boolean }> {
  for (let left = maxResolutions - 1; ; left--) {
    try {
      return await ensureResolved(source, runtime, call, lock);
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
  lock: KeyedLock,
): Promise<{ image: ReadyImage; cached: boolean }> {
  const resolution = await call.progress.step("resolve", runtime, () => source.resolve(runtime, call));
  checkResolution(resolution, runtime, source.name);

  const found = await find(source, resolution, call);
  const answer =
    found === undefined
      ? await lock.run(resolution.reference, call.signal, (waited) => make(source, resolution, call, waited))
      : { image: await source.provide(resolution, found, call), cached: true };

  checkReadyImage(answer.image, resolution, source.name);
  return answer;
}

/** Under the lock: whoever held it before may have made the very image. */
async function make(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  waited: boolean,
): Promise<{ image: ReadyImage; cached: boolean }> {
  const found = waited ? await find(source, resolution, call) : undefined;
  return { image: await source.provide(resolution, found, call), cached: found !== undefined };
}

async function find(source: ImageSource, resolution: Resolution, call: Call): Promise<Found | undefined> {
  // Asked for anew: what is there already is no answer.
  if (call.fresh) return undefined;
  const { runtime, reference } = resolution;
  const found = await call.progress.step("find", reference, () => source.find(resolution, call));
  if (found.hit) return found;
  call.log.debug("image is not there", { runtime, reference, why: found.why });
  return undefined;
}
