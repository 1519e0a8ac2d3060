import type { Limits } from "./choose-old-images.js";
import type { StoredItem } from "../contract/prunable.js";

/**
 * Returns the repositories to remove, each with the reason, if the images are on another machine. If those of the allowed
 * runtimes exceed the size limit together, the largest are removed first, so that as few runtimes as possible fetch
 * everything again. Repositories in use are kept, and count towards the limit.
 */
export function chooseRepositories(
  stored: readonly StoredItem[],
  { keep, maxBytes = Number.POSITIVE_INFINITY }: Limits,
  runtimes: ReadonlySet<string>,
): ReadonlyMap<StoredItem, string> {
  const chosen = new Map<StoredItem, string>();
  let bytes = 0;
  for (const item of stored.filter(({ kind }) => kind === "repository")) {
    if (!runtimes.has(item.runtime)) chosen.set(item, `${item.runtime} is not an allowed runtime`);
    else if (keep === 0) chosen.set(item, `nothing of ${item.runtime} is kept`);
    else bytes += item.bytes;
  }
  for (const item of stored.toSorted((left, right) => right.bytes - left.bytes)) {
    if (bytes <= maxBytes) break;
    if (item.kind !== "repository" || chosen.has(item) || item.held !== null) continue;
    chosen.set(item, `the repositories kept would exceed ${String(maxBytes)} bytes`);
    bytes -= item.bytes;
  }
  return chosen;
}
