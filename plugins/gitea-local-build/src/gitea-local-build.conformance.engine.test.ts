import { describe, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, helloTemplate, imageSourceSuite, startForge } from "@molecule/testkit";
import plugin from "./index.js";

describeWithEngine({ describe, test }, "gitea-local-build keeps the laws of sources", ({ address }) => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    engine: () =>
      createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" })),
    upstream: async (world) => {
      const forge = await startForge();
      forge.requireToken(world.secret);
      const door = await world.door(forge.baseUrl);
      const published = new Set<string>();
      return {
        options: { repoPrefix: forge.repoPrefix().replace(forge.baseUrl, door) },
        env: { MOLECULE_GITEA_TOKEN: world.secret },
        async publish(runtime, version) {
          const files = helloTemplate({ message: version });
          if (published.has(runtime)) await forge.commit(runtime, files);
          else await forge.addTemplate(runtime, files, { private: true });
          published.add(runtime);
        },
        stop: () => forge.stop(),
      };
    },
  });
});
