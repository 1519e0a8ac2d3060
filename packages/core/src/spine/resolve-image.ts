import { checkRequested, checkResolution } from "./check-result.js";
import type { Clock } from "../contract/edges.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { hasLastGood, recallImage } from "./recall-image.js";
import { withRetry } from "../concurrency/with-retry.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** The resolution, or the last good image if the lookup fails and the source may fall back to it. */
export type Resolved = { readonly resolution: Resolution } | { readonly lastGood: ReadyImage };

export async function resolveImage(
  source: ImageSource,
  runtime: RuntimeName,
  call: Call,
  clock: Clock,
): Promise<Resolved> {
  try {
    const resolution = await call.progress.step("resolve", runtime, () =>
      withRetry(runtime, call, clock, () => source.resolve(runtime, call), {
        hasAlternative: (error) => hasLastGood(source, runtime, call, error),
      }),
    );
    checkResolution(resolution, runtime, source.name);
    checkRequested(resolution, call.requested, source.name);
    return { resolution };
  } catch (error) {
    return { lastGood: await recallImage(source, runtime, call, error) };
  }
}
