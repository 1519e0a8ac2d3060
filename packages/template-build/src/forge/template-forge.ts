import { parseCommitSha, type Call, type RuntimeName, type SourceServices } from "@molecule/core";
import { optionsFor, type RuntimeOptions } from "../options/runtime-options.js";
import type { TemplateOptions } from "../options/template-options.js";
import type { Forge, ForgeHead, ForgeProbe } from "./forge.js";
import { authorizationFor, tokenFor } from "./forge-token.js";
import { gitForge } from "./git-forge.js";
import { giteaForge } from "./gitea-forge.js";
import { repositoryOf, type TemplateRepository } from "../options/template-repository.js";

/** The template of a runtime: its options and its repository. */
export interface Template extends RuntimeOptions {
  readonly runtime: RuntimeName;
  readonly repository: TemplateRepository;
}

/** Knows where each runtime's template is, and which commit is current. */
export interface TemplateForge {
  /**
   * Returns the template of a runtime, or throws `CONFIG_INVALID`. Contacts nothing.
   * @param requested a commit in it replaces the configured one
   */
  template(runtime: RuntimeName, requested?: Call["requested"]): Template;
  /** Returns the template's commit if one is configured or requested, else looks up the current one. */
  head(template: Template, call: Call): Promise<ForgeHead>;
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
  // Options do not change, and a call that finds its image would derive them four times.
  const configured = new Map<RuntimeName, Template>();
  const derive: TemplateForge["template"] = (runtime, requested) => {
    const own = optionsFor(options, runtime, requested);
    return { ...own, runtime, repository: repositoryOf(runtime, own) };
  };
  const template: TemplateForge["template"] = (runtime, requested) => {
    if (requested?.revision !== undefined) return derive(runtime, requested);
    const known = configured.get(runtime) ?? derive(runtime);
    configured.set(runtime, known);
    return known;
  };

  return {
    template,
    async head(template, call) {
      const { forge, repository, branch, revision } = template;
      if (revision === undefined) return forges[forge].head(template, call);
      const token = tokenFor(forge, env);
      const authorization = authorizationFor(repository, token)?.git;
      const { url } = repository;
      const remote = { url, branch, authorization, tokenVariable: token.variable, isPinned: true };
      return { commit: parseCommitSha(revision), remote };
    },
    isApart(runtime) {
      const { repo, forge } = optionsFor(options, runtime);
      return repo !== undefined || forge !== options.forge;
    },
    isExposed(runtime) {
      const { origin, isLoopback } = template(runtime).repository;
      return origin.startsWith("http:") && !isLoopback;
    },
    workingCopy: (runtime) => optionsFor(options, runtime).path,
    probe: async ([first, ...others], call) => {
      const { forge, repository } = template(first);
      return forges[forge].probe(
        [repository, ...others.map((runtime) => template(runtime).repository)],
        call,
      );
    },
  };
}
