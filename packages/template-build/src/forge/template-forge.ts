import { parseCommitSha, type Call, type RuntimeName, type SourceServices } from "@molecule/core";
import { optionsFor } from "../options/runtime-options.js";
import type { TemplateOptions } from "../options/template-options.js";
import type { Forge, ForgeHead, ForgeProbe } from "./forge.js";
import { authorizationFor, tokenFor } from "./forge-token.js";
import { gitForge } from "./git-forge.js";
import { giteaForge } from "./gitea-forge.js";
import { repositoryOf } from "../options/template-repository.js";

/** Knows where each runtime's template is, and which commit is current. */
export interface TemplateForge {
  /** Returns the commit that the call asks for, else the configured one, else the current one, read from the network. */
  head(runtime: RuntimeName, call: Call): Promise<ForgeHead>;
  /** Returns the repository URL for the labels of a runtime's image. Contacts nothing. */
  source(runtime: RuntimeName): string;
  /** Whether the runtime's template has an address or a kind of forge of its own. */
  isApart(runtime: RuntimeName): boolean;
  /** Whether the runtime's repository is on another machine and reached without TLS. */
  isExposed(runtime: RuntimeName): boolean;
  /** Returns the configured path of the runtime's working copy, for which no forge is contacted; undefined if it has none. */
  workingCopy(runtime: RuntimeName): string | undefined;
  /** As {@link Forge.probe}, for runtimes on one forge. */
  probe(runtimes: readonly [RuntimeName, ...RuntimeName[]], call: Pick<Call, "signal">): Promise<ForgeProbe>;
}

/** Chooses the forge of each runtime by the options. Nothing is parsed or contacted before the first call. */
export function templateForge(
  options: TemplateOptions,
  services: Pick<SourceServices, "env" | "fetch" | "store">,
): TemplateForge {
  const { env } = services;
  const forges: Readonly<Record<TemplateOptions["forge"], Forge>> = {
    gitea: giteaForge(tokenFor("gitea", env), services.fetch),
    git: gitForge(tokenFor("git", env), services),
  };
  const of = (runtime: RuntimeName, requested?: Call["requested"]) => {
    const own = optionsFor(options, runtime, requested);
    return { ...own, repository: repositoryOf(runtime, own) };
  };

  return {
    async head(runtime, call) {
      const { forge, repository, branch, revision } = of(runtime, call.requested);
      if (revision === undefined) return forges[forge].head({ runtime, repository, branch }, call);
      const token = tokenFor(forge, env);
      const authorization = authorizationFor(repository, token)?.git;
      const { url } = repository;
      const remote = { url, branch, authorization, tokenVariable: token.variable, isPinned: true };
      return { commit: parseCommitSha(revision), remote };
    },
    source: (runtime) => of(runtime).repository.source,
    isApart(runtime) {
      const { repo, forge } = optionsFor(options, runtime);
      return repo !== undefined || forge !== options.forge;
    },
    isExposed(runtime) {
      const { origin, isLoopback } = of(runtime).repository;
      return origin.startsWith("http:") && !isLoopback;
    },
    workingCopy: (runtime) => optionsFor(options, runtime).path,
    probe: async ([first, ...others], call) => {
      const { forge, repository } = of(first);
      return forges[forge].probe([repository, ...others.map((runtime) => of(runtime).repository)], call);
    },
  };
}
