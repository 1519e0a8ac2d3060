import { checkFound, checkRequested } from "./check-result.js";
import type { Clock } from "../contract/edges.js";
import type { Call, Found, ImageSource, Missing, Resolution } from "../contract/image-source.js";
import { withRetry } from "../concurrency/with-retry.js";

/** Returns whether the image exists, with the source's result checked. */
export async function findImage(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  clock: Clock,
): Promise<Found | Missing> {
  const { reference } = resolution;
  const found = await call.progress.step("find", reference, () =>
    findQuietly(source, resolution, call, clock),
  );
  if (!found.hit) logMiss(found, resolution, call);
  return found;
}

/** Like {@link findImage}, without progress or log messages, for a second look. */
export async function findQuietly(
  source: ImageSource,
  resolution: Resolution,
  call: Call,
  clock: Clock,
): Promise<Found | Missing> {
  const found = await withRetry(resolution.reference, call, clock, () => source.find(resolution, call));
  checkFound(found, resolution, source.name);
  if (found.hit) checkRequested(found.image, call.requested, source.name);
  return found;
}

function logMiss(
  { why, impostor = false }: Missing,
  { runtime, reference }: Resolution,
  { log }: Call,
): void {
  const fields = { runtime, reference, why };
  if (impostor) log.warn("another image has this name; ignoring it", fields);
  else log.debug("image not found", fields);
}
