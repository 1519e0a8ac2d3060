import type { StoredItem } from "../contract/prunable.js";

export interface Limits {
  /** Images of each runtime. */
  readonly keep: number;
  /** The total size of everything kept; undefined: no limit. */
  readonly maxBytes: number | undefined;
}

interface Ranked {
  readonly image: StoredItem;
  /** 0: the newest of its runtime. */
  readonly rank: number;
  /**
   * Includes its checkout, unless a newer image has the same commit. The newest image of a runtime includes the
   * repositories of the runtime, which are removed with its last image.
   */
  readonly bytes: number;
}

/**
 * Returns the images to remove, and why. Each limit applies on its own: first, the images beyond `keep` of a runtime;
 * then, if the rest is too large, those of the highest rank, so that no runtime loses its newest before older ones of
 * another. Held images are kept, and count towards the limits.
 */
export function chooseOldImages(
  stored: readonly StoredItem[],
  { keep, maxBytes }: Limits,
): ReadonlyMap<StoredItem, string> {
  const ranked = rankedImages(stored);
  const chosen = new Map<StoredItem, string>();
  for (const { image, rank } of ranked) {
    if (rank >= keep && image.held === null) chosen.set(image, beyond(image.runtime, keep));
  }
  if (maxBytes === undefined) return chosen;

  const rest = ranked.filter(({ image }) => !chosen.has(image));
  let bytes = rest.reduce((sum, item) => sum + item.bytes, 0);
  for (const { image, bytes: freed } of rest.toSorted(byRankAndAge)) {
    if (bytes <= maxBytes) break;
    if (image.held !== null) continue;
    chosen.set(image, `the images kept would exceed ${String(maxBytes)} bytes`);
    bytes -= freed;
  }
  return chosen;
}

function beyond(runtime: string, keep: number): string {
  if (keep === 0) return `no image of ${runtime} is kept`;
  return keep === 1
    ? `it is not the newest of ${runtime}`
    : `it is not among the newest ${String(keep)} of ${runtime}`;
}

function rankedImages(stored: readonly StoredItem[]): readonly Ranked[] {
  const seen = new Map<string, number>();
  const checkouts = new Map(
    stored.filter(({ kind }) => kind === "checkout").map((item) => [commitKey(item), item.bytes]),
  );
  const repositoryBytes = (runtime: string): number =>
    stored
      .filter((item) => item.kind === "repository" && item.runtime === runtime)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return stored
    .filter(({ kind }) => kind === "image")
    .map((image) => {
      const rank = seen.get(image.runtime) ?? 0;
      seen.set(image.runtime, rank + 1);
      const ofRuntime = rank === 0 ? repositoryBytes(image.runtime) : 0;
      const bytes = image.bytes + (checkouts.get(commitKey(image)) ?? 0) + ofRuntime;
      checkouts.delete(commitKey(image));
      return { image, rank, bytes };
    });
}

/** Returns the key that a checkout shares with the images of its commit. */
export function commitKey({ runtime, revision }: StoredItem): string {
  return `${runtime} ${revision ?? ""}`;
}

/** Orders by descending rank, and the oldest first within a rank. */
function byRankAndAge(left: Ranked, right: Ranked): number {
  return right.rank - left.rank || (left.image.madeAt ?? 0) - (right.image.madeAt ?? 0);
}
