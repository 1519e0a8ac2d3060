import type { HttpProxy } from "@molecule/node-edges";

/** Where a repository is fetched from. */
export interface GitRemote {
  /** http or https, without credentials. */
  readonly url: string;
  /** The branch whose head was looked up. */
  readonly branch: string;
  /** The value of the `Authorization` header; sent to the origin of `url` and nowhere else. */
  readonly authorization: string | undefined;
}

/** A remote, and the way to it. */
export interface RoutedRemote extends GitRemote {
  /** Undefined: it is contacted directly. */
  readonly proxy: HttpProxy | undefined;
}

/** One commit of a repository, in files. */
export interface Checkout {
  /** The files: a directory of this call's own, which nobody else empties or fills. */
  readonly directory: string;
  /** An empty directory next to them, for the caller. Removed when the work is done. */
  readonly scratch: string;
  /** The committer's time. */
  readonly committedAt: Date;
  /** Puts the files into the place that was asked for; nothing is left beside it. Never rejects. */
  readonly settle: () => Promise<void>;
}
