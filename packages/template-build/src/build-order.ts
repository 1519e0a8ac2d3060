import type { ImageInspection } from "@molecule/core";
import type { BuildRecord } from "./build-records.js";

/**
 * For sorting the images of one runtime, the newest first. Order is what the records say; an image without a record comes
 * after those, by when it got its name.
 * @param nowMs an image that was named later than that comes last; undefined: no clock is asked
 */
export function newestFirst(
  records: ReadonlyMap<string, BuildRecord>,
  nowMs?: number,
): (one: ImageInspection, other: ImageInspection) => number {
  const sequence = ({ id }: ImageInspection): number => records.get(id)?.sequence ?? 0;
  const taggedMs = ({ taggedAt }: ImageInspection): number => {
    const time = taggedAt === null ? 0 : Date.parse(taggedAt);
    return nowMs !== undefined && time > nowMs ? 0 : time;
  };
  return (one, other) => sequence(other) - sequence(one) || taggedMs(other) - taggedMs(one);
}
