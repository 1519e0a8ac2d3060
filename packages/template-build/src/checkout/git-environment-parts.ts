import type { Env } from "@molecule/core";
import type { HttpProxy } from "@molecule/node-edges";
import type { GitRemote } from "./git-remote.js";

export interface GitEnvironmentParts {
  readonly env: Env;
  readonly remote: GitRemote;
  /** Undefined if the remote is contacted directly. */
  readonly proxy: HttpProxy | undefined;
  /** An empty directory, so that git finds no files of the user. */
  readonly home: string;
  /** A file with all trusted certificates; undefined if git's own suffice. */
  readonly certificates: string | undefined;
}
