import type { Clock } from "../contract/edges.js";
import { internal } from "../errors/error-table.js";
import { exitStatusByCode, isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, ImageProvider, Plan } from "../contract/image-provider.js";
import { delay } from "../concurrency/delay.js";
import type { WatchOptions } from "./watch-options.js";
import { askedToWaitMs, backOffMs, withJitter } from "./watch-pace.js";

/** What could not be made, and when it may be tried again. */
interface Failed {
  readonly wanted: string;
  readonly times: number;
  readonly until: number;
}

/** Watches one runtime until the signal aborts or the provider closes. */
export async function watchRuntime(
  images: Pick<ImageProvider, "plan" | "ensure">,
  runtime: string,
  options: WatchOptions & { readonly clock: Clock },
): Promise<void> {
  const { everyMs, signal, onImage, onError, onProgress, clock } = options;
  let last: string | undefined;
  let failed: Failed | undefined;
  let failedLooks = 0;

  /** Answers when to look again; undefined: never. */
  async function look(): Promise<number | undefined> {
    const plan = await settled(images.plan(runtime, { signal }));
    if ("error" in plan) {
      const waitMs = backOffMs(everyMs, ++failedLooks, plan.error);
      return tell(plan.error, waitMs) ? waitMs : undefined;
    }
    failedLooks = 0;
    const wanted = wantedBy(plan.value);
    if (plan.value.hit && last === shownBy(plan.value)) return everyMs;
    if (failed?.wanted === wanted && clock.monotonicMs() < failed.until) return everyMs;

    const image = await settled(images.ensure(runtime, { signal, onProgress, plan: plan.value }));
    if ("error" in image) {
      const times = failed?.wanted === wanted ? failed.times + 1 : 1;
      const waitMs = backOffMs(everyMs, times, image.error);
      failed = { wanted, times, until: clock.monotonicMs() + waitMs };
      return tell(image.error, waitMs) ? Math.max(everyMs, askedToWaitMs(image.error)) : undefined;
    }
    failed = undefined;
    const shown = shownBy(image.value);
    if (shown !== last) onImage(runtime, image.value);
    last = shown;
    return everyMs;
  }

  /** Answers whether to go on; throws what does not pass by itself. */
  function tell(error: ImageSourceError, retryInMs: number): boolean {
    if (error.code === "CANCELLED") return false;
    if (exitStatusByCode[error.code] === exitStatusByCode.USAGE) throw error;
    onError?.(runtime, error, retryInMs);
    return true;
  }

  for (;;) {
    const waitMs = await look();
    if (waitMs === undefined) return;
    // What was asked for is not undercut.
    const jittered = waitMs === everyMs ? withJitter(waitMs) : waitMs + withJitter(everyMs) - everyMs * 0.9;
    const isOver = await delay(clock, jittered, signal).then(
      () => false,
      () => true,
    );
    if (isOver) return;
  }
}

type Settled<T> = { readonly value: T } | { readonly error: ImageSourceError };

async function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work };
  } catch (reason) {
    return { error: isImageSourceError(reason) ? reason : internal(reason) };
  }
}

/** What would be made: another commit, platform or option is another one. */
function wantedBy({ reference, revision, platform, buildKey }: Plan): string {
  return JSON.stringify([reference, revision, platform, buildKey]);
}

/** Which image it is, for who waits for another one. */
function shownBy({ reference, imageId, revision }: Plan | EnsuredImage): string {
  return JSON.stringify([reference, imageId, revision]);
}
