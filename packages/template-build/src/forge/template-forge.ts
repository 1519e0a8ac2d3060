import type { Call, CommitSha, RuntimeName } from "@molecule/core";
import type { GitRemote } from "../checkout/git-remote.js";

/** Hosts template repositories: reports which commit is current, and how to fetch it. */
export interface TemplateForge {
  /**
   * Checks whether the forge works, and whether the template of any one of the runtimes can be fetched. Rejects with
   * the problem.
   */
  probe(call: Pick<Call, "signal">, runtimes: readonly RuntimeName[]): Promise<ForgeProbe>;
  /** Returns the current commit of the runtime's template. Only reads from the network. */
  head(runtime: RuntimeName, call: Call): Promise<TemplateHead>;
  /** Returns the repository URL for the labels of a runtime's image. Contacts nothing. */
  source(runtime: RuntimeName): string;
}

/** The current commit, and how to fetch it. */
export interface TemplateHead {
  readonly commit: CommitSha;
  /** Where that commit can be fetched now. */
  readonly remote: GitRemote;
  /** Repository URL for the labels: as configured, without credentials, and unchanged by a rename. */
  readonly source: string;
}

/** A forge that responded. */
export interface ForgeProbe {
  /** One line for people: the forge, and the user that it recognised. */
  readonly said: string;
  /** The forge's clock, in milliseconds since 1970; undefined if it does not report the time. */
  readonly timeMs: number | undefined;
}
