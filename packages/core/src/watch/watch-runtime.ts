import type { Clock } from "../contract/edges.js";
import { internal } from "../errors/error-table.js";
import { exitStatusByCode, isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, ImageProvider, Plan } from "../contract/image-provider.js";
import type { WatchOptions } from "./watch-options.js";
import { runtimeEvents } from "./runtime-events.js";
import { askedToWaitMs, backOffMs, withJitter } from "./watch-pace.js";

/** An image that could not be made, and when to retry. */
interface Failed {
  readonly target: string;
  readonly times: number;
  readonly until: number;
}

/** Watches one runtime until the signal aborts or the provider closes. */
export async function watchRuntime(
  images: Pick<ImageProvider, "plan" | "ensure">,
  runtime: string,
  options: WatchOptions & { readonly clock: Clock },
): Promise<void> {
  const { everyMs, signal, onImage, onError, onProgress, clock, events } = options;
  const announced = runtimeEvents(clock);
  const unsubscribe = events?.subscribe((changed) => {
    if (changed === runtime) announced.announce();
  });
  let lastImage: string | undefined;
  let failed: Failed | undefined;
  let failedPolls = 0;
  const usualPause: Pause = { shortestMs: 0, longestMs: everyMs };

  /** Returns the delay until the next poll; undefined: never. */
  async function poll(): Promise<Pause | undefined> {
    const plan = await settle(images.plan(runtime, { signal }));
    if ("error" in plan) {
      const waitMs = backOffMs(everyMs, ++failedPolls, plan.error);
      return reportError(plan.error, waitMs) ? after(waitMs, plan.error) : undefined;
    }
    failedPolls = 0;
    const target = targetOf(plan.value);
    if (plan.value.hit && lastImage === identityOf(plan.value)) return usualPause;
    if (failed?.target === target && clock.monotonicMs() < failed.until) return usualPause;

    const image = await settle(images.ensure(runtime, { signal, onProgress, plan: plan.value }));
    if ("error" in image) {
      const times = failed?.target === target ? failed.times + 1 : 1;
      const waitMs = backOffMs(everyMs, times, image.error);
      failed = { target, times, until: clock.monotonicMs() + waitMs };
      const longestMs = Math.max(everyMs, askedToWaitMs(image.error));
      return reportError(image.error, waitMs) ? after(longestMs, image.error) : undefined;
    }
    failed = undefined;
    const shown = identityOf(image.value);
    if (shown !== lastImage) onImage(runtime, image.value);
    lastImage = shown;
    return usualPause;
  }

  /** Reports the error and returns whether to continue; throws errors that need a person. */
  function reportError(error: ImageSourceError, retryInMs: number): boolean {
    if (error.code === "CANCELLED") return false;
    if (exitStatusByCode[error.code] === exitStatusByCode.USAGE) throw error;
    onError?.(runtime, error, retryInMs);
    return true;
  }

  try {
    for (;;) {
      const pause = await poll();
      if (pause === undefined) return;
      const { shortestMs, longestMs } = pause;
      // Never less than the delay that the server asked for.
      const jitteredMs =
        longestMs === everyMs ? withJitter(everyMs) : longestMs + withJitter(everyMs) - everyMs * 0.9;
      const isOver = await announced.untilDue({ shortestMs, longestMs: jitteredMs }, signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
    }
  } finally {
    unsubscribe?.();
  }
}

/** The time between two polls. */
interface Pause {
  /** An event does not end the pause earlier. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

function after(longestMs: number, error: ImageSourceError): Pause {
  return { shortestMs: askedToWaitMs(error), longestMs };
}

type Settled<T> = { readonly value: T } | { readonly error: ImageSourceError };

async function settle<T>(work: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work };
  } catch (reason) {
    return { error: isImageSourceError(reason) ? reason : internal(reason) };
  }
}

/** Identifies the wanted image, including its commit, platform and options. */
function targetOf({ reference, revision, platform, buildKey }: Plan): string {
  return JSON.stringify([reference, revision, platform, buildKey]);
}

/** Identifies the image, to detect a change. */
function identityOf({ reference, imageId, revision }: Plan | EnsuredImage): string {
  return JSON.stringify([reference, imageId, revision]);
}
