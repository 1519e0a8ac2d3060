import { checkReadyImage, checkResolution } from "./check-answer.js";
import type { Plan } from "./image-provider.js";
import type { Call, ImageSource } from "./image-source.js";
import type { RuntimeName } from "./runtime-name.js";

/** What {@link ensure} would do, with nothing done. */
export async function plan(
  source: ImageSource,
  runtime: RuntimeName,
  because: string,
  call: Call,
): Promise<Plan> {
  const { progress } = call;
  const resolution = await progress.step("resolve", runtime, () => source.resolve(runtime, call));
  checkResolution(resolution, runtime, source.name);
  const found = await progress.step("find", resolution.reference, () => source.find(resolution, call));
  if (found.hit) checkReadyImage(found.image, resolution, source.name);
  return {
    source: source.name,
    reference: resolution.reference,
    imageId: found.hit ? found.image.imageId : null,
    digest: found.hit ? found.image.digest : null,
    revision: resolution.revision,
    platform: resolution.platform,
    buildKey: resolution.buildKey,
    engine: found.hit ? found.image.engine : null,
    cached: null,
    stale: false,
    durationMs: null,
    hit: found.hit,
    because,
    why: found.hit ? null : found.why,
  };
}
