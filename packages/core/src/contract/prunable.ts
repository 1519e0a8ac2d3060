import type { Call } from "./image-source.js";

/** Something that a source has created on this machine. */
export interface StoredItem {
  /**
   * `work` is a working directory of a build or checkout. `repository` keeps what was fetched for a runtime, so that its
   * next commit is fetched faster.
   */
  readonly kind: "image" | "checkout" | "repository" | "work";
  /** The runtime that it was created for. */
  readonly runtime: string;
  /** The full commit hash; null if unknown. */
  readonly revision: string | null;
  /** The ID of an image, else null. */
  readonly imageId: string | null;
  /** The names of an image that the source created and would remove. */
  readonly names: readonly string[];
  /** Other names of an image. They are never removed, so an image that has any is kept. */
  readonly otherNames: readonly string[];
  /** The absolute path of a checkout, repository or working directory, else null. */
  readonly path: string | null;
  /** The most that its removal frees; 0 for an image that has other names. */
  readonly bytes: number;
  /** Milliseconds since 1970, as recorded at creation; null if not recorded. Use it for ordering only. */
  readonly madeAt: number | null;
  /** Why it cannot be removed, such as a container that uses it; null if it can. */
  readonly held: string | null;
  /** Image references; the item is left alone while one of these images is being made. */
  readonly references: readonly string[];
}

/** A source that can list and remove what it has created on this machine. The caller decides what to remove. */
export interface Prunable {
  /** Returns everything that the source has created, with the images of each runtime newest first. Changes nothing. */
  stored(call: Call): Promise<readonly StoredItem[]>;
  /**
   * Removes an item of {@link stored}. If it cannot be removed any more, leaves it as it was and returns the reason. An
   * absent item is not an error. No image of the item's references is made during the call.
   */
  discard(item: StoredItem, call: Call): Promise<string | undefined>;
}

/** The limits of a prune. */
export interface PruneRequest {
  /** Number of images to keep for each runtime, newest first. Default: 3. */
  readonly keep?: number | undefined;
  /** Maximum total size to keep, in bytes. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Report what would be removed, and remove nothing. */
  readonly dryRun?: boolean | undefined;
}

/** The outcome for one item. */
export interface PrunedItem extends Omit<StoredItem, "madeAt" | "held" | "references"> {
  /** The name of the source. */
  readonly source: string;
  /** Why it was removed or kept, in one line. */
  readonly why: string;
}

/** The items that were removed (or would be, in a dry run) and those kept. */
export interface PruneResult {
  readonly removed: readonly PrunedItem[];
  readonly kept: readonly PrunedItem[];
}
