import type { HttpProxy } from "@molecule/node-edges";

/** Where a repository is fetched from. */
export interface GitRemote {
  /** http or https, without credentials. */
  readonly url: string;
  /** The branch whose head was looked up; undefined: the repository's default branch. */
  readonly branch: string | undefined;
  /** The value of the `Authorization` header; sent to the origin of `url` and nowhere else. */
  readonly authorization: string | undefined;
  /** The variable that holds the token, for hints. */
  readonly tokenVariable: string;
  /** The commit was configured, not looked up. */
  readonly isPinned?: boolean;
}

/** A remote, and the proxy to reach it. */
export interface RoutedRemote extends GitRemote {
  /** Undefined if the remote is contacted directly. */
  readonly proxy: HttpProxy | undefined;
}
