import type { WatchOptions } from "./watch-options.js";
import type { ImageProvider } from "../contract/image-provider.js";
import { systemClock } from "./system-clock.js";
import { watchRuntime } from "./watch-runtime.js";

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
