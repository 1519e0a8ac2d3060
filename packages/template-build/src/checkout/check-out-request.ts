import type { CommitSha, Env, Log, StepReport, Store } from "@molecule/core";
import type { GitRemote } from "./git-remote.js";

export interface CheckOutRequest {
  readonly remote: GitRemote;
  readonly commit: CommitSha;
  readonly store: Pick<Store, "workDirectory" | "privateDirectory" | "discard">;
  /**
   * Where in the store the checkout is moved after use: `<runtime>/<name>`. Anything already there is replaced, never
   * used.
   */
  readonly name: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly report: StepReport;
  readonly log: Log;
}
