import { type CommitSha, type Env, type Log, type StepReport } from "@molecule/core";
import type { GitRemote } from "./git-remote.js";

export interface CheckOutRequest {
  readonly remote: GitRemote;
  readonly commit: CommitSha;
  /** Where the checkout goes once it is settled. Anything already there is replaced, never used. */
  readonly directory: string;
  /** A parent of `directory`: from here down, every directory must belong to the user. */
  readonly base: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly report: StepReport;
  readonly log: Log;
}
