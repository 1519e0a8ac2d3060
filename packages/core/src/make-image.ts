import { isEngineBound } from "./capabilities.js";
import type { Clock } from "./edges.js";
import { look } from "./find-image.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "./image-source.js";
import type { KeyedLock, Release } from "./keyed-lock.js";
import { retried } from "./retried.js";

/** What making an image needs besides its source. */
export interface MakeEdges {
  readonly clock: Clock;
  readonly lock: KeyedLock;
}

/** Makes an image that is missing, one at a time for each engine and reference. */
export async function makeImage(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  { clock, lock }: MakeEdges,
): Promise<{ image: ReadyImage; cached: boolean }> {
  const release = await taken(lock, await lockKey(source, resolution, call), resolution, call);
  try {
    // Whoever held it before may have made the very image, also between the look before and now.
    const found = call.fresh ? undefined : await look(source, resolution, call, clock);
    const present = found?.hit === true ? found : undefined;
    const image = await retried(resolution.reference, call, clock, () =>
      source.provide(resolution, present, call),
    );
    return { image, cached: present !== undefined };
  } finally {
    await release();
  }
}

async function taken(
  lock: KeyedLock,
  key: string,
  { reference }: Resolution,
  { progress, signal }: Call,
): Promise<Release> {
  const free = await lock.tryTake(key);
  if (free !== undefined) return free;
  return progress.step("wait", reference, async (report) => {
    report.quiet("somebody else is making this image");
    return lock.take(key, signal);
  });
}

/** A name means one image in each engine. */
async function lockKey(source: ImageSource, { reference }: Resolution, call: Call): Promise<string> {
  const engine = isEngineBound(source) ? await source.engine(call) : null;
  return `${engine?.address ?? source.name} ${reference}`;
}
