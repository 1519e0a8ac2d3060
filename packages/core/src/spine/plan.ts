import type { Clock } from "../contract/edges.js";
import { findImage } from "./find-image.js";
import type { Plan } from "../contract/image-provider.js";
import type { Call, ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { resolveImage } from "./resolve-image.js";
import type { RuntimeName } from "../values/runtime-name.js";

/** A plan and its resolution, which is undefined for the last good image. */
export interface Planned {
  readonly plan: Plan;
  readonly resolution: Resolution | undefined;
}

/** Returns what {@link ensure} would do, without doing it. */
export async function plan(
  source: ImageSource,
  runtime: RuntimeName,
  because: string,
  call: Call,
  clock: Clock,
): Promise<Planned> {
  const common = { source: source.name, because, cached: null, durationMs: null };
  const hit = (image: ReadyImage, stale: boolean, buildArgs: Plan["buildArgs"] = null): Plan => ({
    ...common,
    ...image,
    buildArgs,
    stale,
    hit: true,
    step: null,
    why: null,
  });
  const resolved = await resolveImage(source, runtime, call, clock);
  if ("lastGood" in resolved) return { plan: hit(resolved.lastGood, true), resolution: undefined };

  const { resolution } = resolved;
  const found = await findImage(source, resolution, call, clock);
  const { reference, revision, platform, buildKey, buildArgs = null } = resolution;
  if (found.hit) return { plan: hit(found.image, false, buildArgs), resolution };
  const { step = buildKey === null ? "pull" : "build" } = resolution;
  const unknown = { imageId: null, digest: null, engine: null };
  const plan = {
    ...common,
    ...{ reference, revision, platform, buildKey, buildArgs, ...unknown },
    stale: false,
    hit: false,
    step,
    why: found.why,
  };
  return { plan, resolution };
}
