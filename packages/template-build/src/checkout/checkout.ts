import type { CommitSha } from "@molecule/core";
import type { CommitObjects } from "./commit-objects.js";

/** One commit of a repository, fetched for one build. */
export interface Checkout {
  readonly commit: CommitSha;
  readonly objects: CommitObjects;
  /**
   * Resolves when all files of the commit are in the checkout, which people may inspect later. Rejects with
   * `TEMPLATE_INVALID`, `CHECKOUT_FAILED` or `STORAGE_UNUSABLE`, or with the signal's reason. A rejection may be ignored.
   */
  readonly written: Promise<void>;
  /**
   * Returns the directory with the files, private to this call, once they are {@link written} and verified. Rejects like
   * {@link written}. Reading {@link objects} is faster.
   */
  readonly files: () => Promise<string>;
  /** An empty directory for the caller. Removed by {@link settle}. */
  readonly scratch: string;
  /** Moves the files to the requested place, once they are written, and removes everything else. Never rejects. */
  readonly settle: () => Promise<void>;
}
