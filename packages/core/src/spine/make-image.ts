import { isSharing } from "../contract/capabilities.js";
import type { Clock } from "../contract/edges.js";
import { findQuietly } from "./find-image.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import type { KeyedLock, Release } from "../concurrency/keyed-lock.js";
import { lockKeys } from "../concurrency/lock-key.js";
import { provideImage, type Provided } from "./provide-image.js";

/** The edges needed to make an image. */
export interface MakeEdges {
  readonly clock: Clock;
  readonly lock: KeyedLock;
}

interface Made {
  readonly image: ReadyImage;
  /** Another caller had already made it. */
  readonly cached: boolean;
}

/** Makes a missing image, one at a time for each engine and reference. */
export async function makeImage(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  edges: MakeEdges,
): Promise<Made> {
  const { built, ...made } = await makeLocked(source, resolution, call, edges);
  if (built) await share(source, resolution, made.image, call);
  return made;
}

async function makeLocked(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  { clock, lock }: MakeEdges,
): Promise<Made & Provided> {
  const keyOf = await lockKeys(source, call);
  const release = await takeLock(lock, keyOf(resolution.reference), resolution, call);
  try {
    // The previous holder of the lock may have made this image.
    const found = call.fresh ? undefined : await findQuietly(source, resolution, call, clock);
    const present = found?.hit === true ? found : undefined;
    const provided = await provideImage(source, resolution, present, call, clock);
    return { ...provided, cached: present !== undefined };
  } finally {
    await release();
  }
}

async function share(
  source: ImageSource,
  resolution: Resolution,
  image: ReadyImage,
  call: Call,
): Promise<void> {
  if (!isSharing(source)) return;
  try {
    await source.share(resolution, image, call);
  } catch (error) {
    // An abort or a deadline is not a failure to share.
    if (call.signal.aborted) throw error;
    const { reference } = resolution;
    call.log.warn("cannot share the image; it is used on this host only", {
      reference,
      error: String(error),
    });
  }
}

async function takeLock(
  lock: KeyedLock,
  key: string,
  { reference }: Resolution,
  { progress, signal }: Call,
): Promise<Release> {
  const free = await lock.tryTake(key);
  if (free !== undefined) return free;
  return progress.step("wait", reference, async (report) => {
    report.quiet("another process is building this image");
    return lock.take(key, signal);
  });
}
