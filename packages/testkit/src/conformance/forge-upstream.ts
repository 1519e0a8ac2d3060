import { startForge } from "../forge/start-forge.js";
import { helloTemplate } from "../forge/hello-template.js";
import type { SuiteUpstream, SuiteWorld } from "./world/suite-options.js";

/** A forge as the upstream of a source under test. */
export interface ForgeUpstream extends SuiteUpstream {
  readonly options: { readonly repoPrefix: string };
}

/**
 * The upstream of sources that build templates: a forge with a private repository for each runtime. Its options have
 * a `repoPrefix`. A version is a commit.
 */
export async function forgeUpstream(world: SuiteWorld): Promise<ForgeUpstream> {
  const forge = await startForge();
  forge.requireToken(world.secret);
  const door = await world.door(forge.baseUrl);
  const published = new Set<string>();
  return {
    options: { repoPrefix: forge.repoPrefix().replace(forge.baseUrl, door) },
    env: { MOLECULE_GITEA_TOKEN: world.secret },
    async publish(runtime, version) {
      if (published.has(runtime)) await forge.commit(runtime, { "message.txt": `${version}\n` });
      else await forge.addTemplate(runtime, helloTemplate({ message: version }), { private: true });
      published.add(runtime);
    },
    stop: () => forge.stop(),
  };
}
