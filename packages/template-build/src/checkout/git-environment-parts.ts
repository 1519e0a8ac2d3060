import type { Env } from "@molecule/core";
import type { HttpProxy } from "@molecule/node-edges";
import type { GitRemote } from "./git-remote.js";

export interface GitEnvironmentParts {
  readonly env: Env;
  readonly remote: GitRemote;
  /** Undefined: the remote is contacted directly. */
  readonly proxy: HttpProxy | undefined;
  /** An empty directory, so that git finds nothing of the user's. */
  readonly home: string;
  /** A file with all trusted certificates; undefined: git's own. */
  readonly certificates: string | undefined;
}
