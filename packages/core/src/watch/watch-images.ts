import type { WatchOptions } from "./watch-options.js";
import type { ImageProvider } from "../contract/image-provider.js";
import { runTogether } from "../concurrency/run-together.js";
import { systemClock } from "./system-clock.js";
import { typeFaults } from "../values/type-faults.js";
import { watchRuntime } from "./watch-runtime.js";

/**
 * Polls the images of the runtimes and builds or pulls them in advance: one request for each poll, and
 * one build for each commit. A source that pulls polls as often as its policy allows.
 * Resolves when the signal aborts or the provider is closed; the provider's `close` waits for running work.
 * Rejects, and stops watching, on errors that need a person
 * (an unknown runtime, a bad configuration: the codes with exit status 2), on exceptions of a callback, and with a
 * `TypeError` for options that cannot be used.
 */
export async function watchImages(
  images: Pick<ImageProvider, "plan" | "ensure">,
  runtimes: Iterable<string>,
  options: WatchOptions,
): Promise<void> {
  assertWatchOptions(runtimes, options);
  const { clock = systemClock } = options;
  await runTogether(
    options.signal,
    ...[...new Set(runtimes)].map(
      (runtime) => (signal: AbortSignal) => watchRuntime(images, runtime, { ...options, signal, clock }),
    ),
  );
}

/** For callers without types. */
function assertWatchOptions(runtimes: unknown, options: WatchOptions): void {
  const { everyMs, signal, onImage }: Partial<Record<keyof WatchOptions, unknown>> = options;
  const faults = typeFaults(options, {
    signal: "signal",
    onImage: "function",
    onError: "function",
    onProgress: "function",
    events: "object",
    clock: "object",
    everyMs: "any",
  });
  // The letters of a text would be watched.
  if (typeof runtimes === "string") faults.push("the runtimes must be a list, not a string");
  if (typeof everyMs !== "number" || !(everyMs > 0))
    faults.push("`everyMs` must be a number of milliseconds greater than 0");
  if (signal === undefined) faults.push("`signal` is missing");
  if (onImage === undefined) faults.push("`onImage` is missing");
  if (faults.length > 0) throw new TypeError(`cannot watch images: ${faults.join("; ")}`);
}
