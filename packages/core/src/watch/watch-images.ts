import type { Clock } from "../contract/edges.js";
import type { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, ImageProvider } from "../contract/image-provider.js";
import type { ProgressListener } from "../contract/progress.js";
import { systemClock } from "./system-clock.js";
import { watchRuntime } from "./watch-runtime.js";

/** How {@link watchImages} looks, and who hears of what comes. */
export interface WatchOptions {
  /** Between two looks at a runtime, in milliseconds; each time up to a tenth more or less. */
  readonly everyMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** The image of the first look, and each one that is another than the one before. */
  readonly onImage: (runtime: string, image: EnsuredImage) => void;
  /**
   * A look, a build or a pull that failed, and after how many milliseconds it is tried again: twice as long with each
   * failure in a row, up to an hour, and not before the other side has asked for. Until then a commit that failed is not
   * built again; a new one is.
   */
  readonly onError?: ((runtime: string, error: ImageSourceError, retryInMs: number) => void) | undefined;
  /** Hears what is done, not what is only looked at. */
  readonly onProgress?: ProgressListener | undefined;
  /** Default: that of the machine. */
  readonly clock?: Clock | undefined;
}

/**
 * Looks again and again which images the runtimes would get, and makes them before somebody asks: one request a look, and
 * one build for a commit. A source that pulls looks as often as its policy lets it.
 * Resolves when the signal has aborted or the provider was closed; what was under way then is awaited by the provider's
 * `close`. Rejects, and ends all, with what only a person can
 * mend (an unknown runtime, a bad configuration: the codes with exit status 2), and with what a callback throws.
 */
export async function watchImages(
  images: Pick<ImageProvider, "plan" | "ensure">,
  runtimes: Iterable<string>,
  options: WatchOptions,
): Promise<void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const { clock = systemClock } = options;
  const watches = [...new Set(runtimes)].map(async (runtime) => {
    try {
      await watchRuntime(images, runtime, { ...options, signal, clock });
    } catch (error) {
      ending.abort();
      throw error;
    }
  });
  const ends = await Promise.allSettled(watches);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
