import type { Call, CommitSha, RuntimeName } from "@molecule/core";
import type { GitRemote } from "../checkout/git-remote.js";
import type { TemplateRepository } from "../options/template-repository.js";

/** A kind of forge: looks up commits in any repository of that kind. */
export interface Forge {
  /** Returns the current commit of the branch. Only reads from the network. */
  head(template: ForgeTemplate, call: Call): Promise<ForgeHead>;
  /**
   * Checks whether the forge works, and whether any one of the repositories, which are all on it, can be fetched.
   * Rejects with the problem.
   */
  probe(
    repositories: readonly [TemplateRepository, ...TemplateRepository[]],
    call: Pick<Call, "signal">,
  ): Promise<ForgeProbe>;
}

/** The template of a runtime. */
export interface ForgeTemplate {
  readonly runtime: RuntimeName;
  readonly repository: TemplateRepository;
  /** Undefined: the repository's default branch. */
  readonly branch: string | undefined;
}

/** The current commit, and how to fetch it. */
export interface ForgeHead {
  readonly commit: CommitSha;
  /** Where that commit can be fetched now. */
  readonly remote: GitRemote;
}

/** A forge that responded. */
export interface ForgeProbe {
  /** One line for people: the forge, and the user that it recognised. */
  readonly summary: string;
  /** The forge's clock, in milliseconds since 1970; undefined if it does not report the time. */
  readonly timeMs: number | undefined;
}
