import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/**
 * The size of both halves. With less, lines of a build that are still in use are promoted to the old generation and
 * stay for long.
 */
const enoughBytes = 16 * 1024 * 1024;
let isWatched = false;

/**
 * Limits V8's young generation to 16 MiB, half of what it otherwise grows to on long output. Its maximum can only be
 * set on the command line of `node`, for which an executable script has no portable way.
 */
export function boundYoungGeneration(): void {
  if (isWatched) return;
  isWatched = true;
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    if ((young?.space_size ?? 0) < enoughBytes) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
