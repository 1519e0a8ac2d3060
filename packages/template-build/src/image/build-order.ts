import type { ImageInspection } from "@molecule/core";
import type { BuildRecord } from "./build-records.js";

/**
 * Sorts the images of one runtime, newest first. The records define the order; images without a record come
 * last, sorted by the time they were tagged.
 * @param nowMs an image that was tagged later than this comes last; undefined: the clock is ignored
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
