import { startForge } from "../forge/start-forge.js";
import { helloTemplate } from "../forge/hello-template.js";
import type { TemplateFiles } from "../forge/template-file.js";
import type { SuiteUpstream, SuiteWorld } from "./world/suite-options.js";

/** A forge as the upstream of a source under test. */
export interface ForgeUpstream extends SuiteUpstream {
  readonly options: { readonly repoPrefix: string };
}

/** Differences from the defaults of the sources that build templates. */
export interface ForgeVariant {
  /** How commits are looked up. Default: `gitea`. */
  readonly forge?: "gitea" | "git";
  /** Whether the options name the published commit of each runtime, so that none is looked up. Default: false. */
  readonly pinned?: boolean;
  /** Further options of the source, such as `target` and `buildArgsFrom`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Returns the files of a version that differ from `helloTemplate`, whose image prints `message.txt`. */
  readonly files?: (version: string) => TemplateFiles;
}

/** The token variable of each kind of forge. */
const tokenVariables = { gitea: "MOLECULE_GITEA_TOKEN", git: "MOLECULE_GIT_TOKEN" } as const;

/**
 * The upstream of sources that build templates: a forge with a private repository for each runtime. Its options have
 * a `repoPrefix`, and those of the variant. A version is a commit.
 */
export async function forgeUpstream(world: SuiteWorld, variant: ForgeVariant = {}): Promise<ForgeUpstream> {
  const { forge: kind = "gitea", pinned = false, files = () => ({}) } = variant;
  const forge = await startForge();
  forge.requireToken(world.secret);
  const door = await world.door(forge.baseUrl);
  const repoPrefix = forge.repoPrefix().replace(forge.baseUrl, door);
  let options = { repoPrefix, ...(kind === "gitea" ? {} : { forge: kind }), ...variant.options };
  const commits = new Map<string, string>();
  return {
    get options() {
      return options;
    },
    env: { [tokenVariables[kind]]: world.secret },
    async publish(runtime, version) {
      const commit = commits.has(runtime)
        ? await forge.commit(runtime, { "message.txt": `${version}\n`, ...files(version) })
        : await forge.addTemplate(
            runtime,
            { ...helloTemplate({ message: version }), ...files(version) },
            { private: true },
          );
      commits.set(runtime, commit);
      if (!pinned) return;
      const templates = [...commits].map(([name, revision]) => [name, { revision }] as const);
      options = { ...options, ...{ templates: Object.fromEntries(templates) } };
    },
    stop: () => forge.stop(),
  };
}
