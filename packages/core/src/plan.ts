import type { Clock } from "./edges.js";
import { findImage } from "./find-image.js";
import type { Plan } from "./image-provider.js";
import type { Call, ImageSource, ReadyImage } from "./image-source.js";
import { resolveImage } from "./resolve-image.js";
import type { RuntimeName } from "./runtime-name.js";

/** What {@link ensure} would do, with nothing done. */
export async function plan(
  source: ImageSource,
  runtime: RuntimeName,
  because: string,
  call: Call,
  clock: Clock,
): Promise<Plan> {
  const common = { source: source.name, because, cached: null, durationMs: null };
  const hit = (image: ReadyImage, stale: boolean): Plan => ({
    ...common,
    ...image,
    stale,
    hit: true,
    why: null,
  });
  const resolved = await resolveImage(source, runtime, call, clock);
  if ("lastGood" in resolved) return hit(resolved.lastGood, true);

  const { resolution } = resolved;
  const found = await findImage(source, resolution, call, clock);
  if (found.hit) return hit(found.image, false);
  const { reference, revision, platform, buildKey } = resolution;
  const unknown = { imageId: null, digest: null, engine: null };
  return {
    ...common,
    ...{ reference, revision, platform, buildKey, ...unknown },
    stale: false,
    hit: false,
    why: found.why,
  };
}
