import type { Call, CommitSha, RuntimeName } from "@molecule/core";
import type { GitRemote } from "./checkout/git-remote.js";

/** Where template repositories live: says which commit is current, and how to fetch it. */
export interface TemplateForge {
  /**
   * Asks whether it works, and whether the template of one of the runtimes, whichever, can be fetched from it. Rejects with
   * what is wrong.
   */
  probe(call: Pick<Call, "signal">, runtimes: readonly RuntimeName[]): Promise<ForgeProbe>;
  /** The current commit of the runtime's template. Reads the network; changes nothing. */
  head(runtime: RuntimeName, call: Call): Promise<TemplateHead>;
  /** What labels say the source of a runtime is. Asks nobody. */
  source(runtime: RuntimeName): string;
}

/** The commit that is current, and how to get it. */
export interface TemplateHead {
  readonly commit: CommitSha;
  /** Where that commit can be fetched, now. */
  readonly remote: GitRemote;
  /** What labels say the source is: as configured, without credentials, also after a rename. */
  readonly source: string;
}

/** A forge that has answered. */
export interface ForgeProbe {
  /** One line for people: the forge, and the user it knows. */
  readonly said: string;
  /** What time it has, in milliseconds since 1970; undefined where it does not say. */
  readonly timeMs: number | undefined;
}
