import { checkReadyImage, checkRequested } from "./check-result.js";
import type { Clock } from "../contract/edges.js";
import type { Call, Found, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { hasLastGood, isFromOwnServer } from "./recall-image.js";
import { withRetry } from "../concurrency/with-retry.js";

/** An image, and whether the source built it. */
export interface Provided {
  readonly image: ReadyImage;
  readonly built: boolean;
}

/** Returns the image that the source provides, with its result checked. */
export async function provideImage(
  source: ImageSource,
  resolution: Resolution,
  found: Found | undefined,
  call: Call,
  clock: Clock,
): Promise<Provided> {
  const provided = await withRetry(
    resolution.reference,
    call,
    clock,
    () => source.provide(resolution, found, call),
    {
      hasAlternative: async (error) =>
        isFromOwnServer(error, resolution) && hasLastGood(source, resolution.runtime, call, error),
    },
  );
  checkReadyImage(provided, resolution, source.name);
  checkRequested(provided, call.requested, source.name);
  const { built = false, ...image } = provided;
  return { image, built };
}
