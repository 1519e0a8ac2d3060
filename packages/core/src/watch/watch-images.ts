import type { WatchOptions } from "./watch-options.js";
import type { ImageProvider } from "../contract/image-provider.js";
import { systemClock } from "./system-clock.js";
import { watchRuntime } from "./watch-runtime.js";

/**
 * Polls the images of the runtimes and builds or pulls them in advance: one request for each poll, and
 * one build for each commit. A source that pulls polls as often as its policy allows.
 * Resolves when the signal aborts or the provider is closed; the provider's `close` waits for running work.
 * Rejects, and stops watching, on errors that need a person
 * (an unknown runtime, a bad configuration: the codes with exit status 2), and on exceptions of a callback.
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
