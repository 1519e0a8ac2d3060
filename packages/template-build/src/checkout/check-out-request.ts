import { type CommitSha, type Env, type Log, type StepReport } from "@molecule/core";
import type { GitRemote } from "./git-remote.js";

export interface CheckOutRequest {
  readonly remote: GitRemote;
  readonly commit: CommitSha;
  /** Where the checkout shall stand once it is settled. Whatever stands there is replaced, never used. */
  readonly directory: string;
  /** Above `directory`: from here downwards only directories of the user's own will do. */
  readonly base: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly report: StepReport;
  readonly log: Log;
}
