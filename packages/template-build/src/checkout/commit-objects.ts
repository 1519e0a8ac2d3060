import type { ImageSourceError } from "@molecule/core";
import type { GitProcess } from "./git-process.js";

/** The objects of one commit, in the repository that it was fetched into. */
export interface CommitObjects {
  /**
   * The output of `git ls-tree -r -t -z -l --full-tree`. Rejects with `TEMPLATE_INVALID` if it is longer than 16 MiB,
   * with `CHECKOUT_FAILED`, which makes the spine try again, or with the signal's reason. A rejection may be ignored.
   */
  readonly listing: Promise<Buffer>;
  /**
   * Starts a git in the repository, such as `cat-file --batch`. It must have ended before the checkout is settled. If git
   * fails, {@link GitProcess.ended} rejects with `CHECKOUT_FAILED`, which makes the spine try again.
   */
  start(args: readonly string[]): Promise<GitProcess>;
  /**
   * Returns `CHECKOUT_FAILED` for an object that is missing or does not have the content that its hash stands for. It
   * makes the spine try again. The repository is not used again.
   * @param why follows "cannot read <commit> of <url>: "
   */
  damaged(why: string): ImageSourceError;
}
