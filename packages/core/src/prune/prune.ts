import { chooseOldImages, commitKey, type Limits } from "./choose-old-images.js";
import { chooseRepositories } from "./choose-repositories.js";
import { isEngineBound } from "../contract/capabilities.js";
import type { Call, ImageSource } from "../contract/image-source.js";
import type { KeyedLock, Release } from "../concurrency/keyed-lock.js";
import { lockKeys } from "../concurrency/lock-key.js";
import type { Prunable, PrunedItem, PruneResult, StoredItem } from "../contract/prunable.js";

export interface Pruning extends Limits {
  readonly dryRun: boolean;
  /** The allowlist. */
  readonly runtimes: ReadonlySet<string>;
}

/**
 * Removes old images and checkouts of the source. A dry run takes the same path and the same locks, and only
 * skips the removal itself.
 */
export async function prune(
  source: ImageSource & Prunable,
  { dryRun, runtimes, ...limits }: Pruning,
  call: Call,
  lock: KeyedLock,
): Promise<PruneResult> {
  const areImagesElsewhere = isEngineBound(source) && source.imagesIn === "registry";
  const stored = await source.stored(call);
  const oldRepositories = chooseRepositories(stored, limits, runtimes);
  const keyOf = await lockKeys(source, call);
  const removed: PrunedItem[] = [];
  const kept: PrunedItem[] = [];

  /** Tries to remove the item. Returns why it is kept; undefined if it was removed. */
  async function tryDiscard(item: StoredItem): Promise<string | undefined> {
    call.signal.throwIfAborted();
    if (item.held !== null) return item.held;
    const release = await takeAll(lock, item.references.map(keyOf));
    if (release === undefined) return "its image is being built";
    try {
      return dryRun ? undefined : await source.discard(item, call);
    } finally {
      await release();
    }
  }

  function keep(item: StoredItem, why: string): void {
    kept.push(prunedItem(item, why, source.name));
  }
  /** Returns whether the item was removed. */
  async function remove(item: StoredItem, why: string): Promise<boolean> {
    const whyKept = await tryDiscard(item);
    if (whyKept === undefined) removed.push(prunedItem(item, why, source.name));
    else keep(item, whyKept);
    return whyKept === undefined;
  }

  async function removeRepository(item: StoredItem): Promise<void> {
    const { runtime } = item;
    const why = oldRepositories.get(item);
    if (kept.some((one) => one.kind === "image" && one.runtime === runtime))
      keep(item, `an image of ${runtime} is kept`);
    else if (!areImagesElsewhere) await remove(item, `no image of ${runtime} is left`);
    else if (why === undefined) keep(item, `the next build of ${runtime} uses it`);
    else await remove(item, why);
  }

  const old = chooseOldImages(stored, limits);
  const living = new Set<string>();
  for (const image of stored.filter(({ kind }) => kind === "image")) {
    const why = old.get(image);
    if (why === undefined) keep(image, image.held ?? "it is within the limits");
    if (why === undefined || !(await remove(image, why + otherNamesOf(image)))) living.add(commitKey(image));
  }
  for (const item of stored.filter(({ kind }) => kind !== "image")) {
    if (item.kind === "work") await remove(item, "the process that used it has ended");
    else if (item.kind === "repository") await removeRepository(item);
    else if (living.has(commitKey(item))) keep(item, "an image of its commit is kept");
    else await remove(item, areImagesElsewhere ? "no build uses it again" : "no image of its commit is left");
  }
  return { removed, kept };
}

function otherNamesOf({ otherNames }: StoredItem): string {
  return otherNames.length === 0 ? "" : `; the image itself is kept as ${otherNames.join(" and ")}`;
}

function prunedItem(item: StoredItem, why: string, source: string): PrunedItem {
  const { kind, runtime, revision, imageId, names, otherNames, path, bytes } = item;
  return { kind, source, runtime, revision, imageId, names, otherNames, path, bytes, why };
}

/** Takes all keys, or none: returns undefined if one is taken. */
async function takeAll(lock: KeyedLock, keys: readonly string[]): Promise<Release | undefined> {
  const releases: Release[] = [];
  const releaseAll = async (): Promise<void> => {
    for (const releaseKey of releases) await releaseKey();
  };
  for (const key of new Set(keys)) {
    const taken = await lock.tryTake(key);
    if (taken === undefined) {
      await releaseAll();
      return undefined;
    }
    releases.push(taken);
  }
  return releaseAll;
}
