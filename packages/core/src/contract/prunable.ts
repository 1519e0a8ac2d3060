import type { Call } from "./image-source.js";

/** Something that a source has made on this machine and that is still there. */
export interface StoredItem {
  /** `work`: where something is being made. */
  readonly kind: "image" | "checkout" | "work";
  /** What it was made for. */
  readonly runtime: string;
  /** The commit it is of, in full; null where that cannot be told. */
  readonly revision: string | null;
  /** Of an image: its ID; otherwise null. */
  readonly imageId: string | null;
  /** Of an image: the names that the source gave it, and would take away. */
  readonly names: readonly string[];
  /** Of an image: names that somebody else gave it. It keeps them, and so it stays when its own names go. */
  readonly otherNames: readonly string[];
  /** Of what is no image: an absolute path; otherwise null. */
  readonly path: string | null;
  /** What its removal frees at most; nothing for an image that stays under another name. */
  readonly bytes: number;
  /** Milliseconds since 1970, as it was noted at the time; null where nobody has. For order alone. */
  readonly madeAt: number | null;
  /** Why it must stay, whatever is asked for: a container uses it, somebody fills it. Null: nothing speaks against. */
  readonly held: string | null;
  /** References: while one of these images is being made, this is not touched. */
  readonly references: readonly string[];
}

/** Can tell what it has made on this machine, and remove it. Which of it goes is not for the source to decide. */
export interface Prunable {
  /** All of it and nothing else; the images of a runtime newest first. Changes nothing. */
  stored(call: Call): Promise<readonly StoredItem[]>;
  /**
   * Removes one of {@link stored}, unless something speaks against it by now: then it answers what, and the item is as
   * it was. What is gone already is no error. Nobody makes an image of the item's references meanwhile.
   */
  discard(item: StoredItem, call: Call): Promise<string | undefined>;
}

/** What may stay. */
export interface PruneRequest {
  /** How many images of each runtime may stay, the newest. Default: 3. */
  readonly keep?: number | undefined;
  /** How many bytes all that stays may have together. Default: any. */
  readonly maxBytes?: number | undefined;
  /** Only say what would be done. */
  readonly dryRun?: boolean | undefined;
}

/** What became of an item. */
export interface PrunedItem extends Omit<StoredItem, "madeAt" | "held" | "references"> {
  /** Whose it is: the name of the source. */
  readonly source: string;
  /** Why it was removed, or stays. One line. */
  readonly why: string;
}

/** What was removed, or would be, and what stays. */
export interface PruneResult {
  readonly removed: readonly PrunedItem[];
  readonly kept: readonly PrunedItem[];
}
