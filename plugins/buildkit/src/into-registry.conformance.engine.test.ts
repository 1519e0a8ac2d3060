import * as runner from "@jest/globals";
import { afterAll, beforeAll, test } from "@jest/globals";
import { noCredentials } from "@molecule/core";
import { createRegistryClient } from "@molecule/engine";
import { createStore, nodeEdges } from "@molecule/node-edges";
import { describeWithBuildkit, startRegistry, type Registry } from "@molecule/test-fixtures";
import { forgeUpstream, imageSourceSuite } from "@molecule/testkit";
import { registryImages } from "./registry-images.test.support.js";
import plugin from "./index.js";

const edges = nodeEdges({});
let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  edges.close();
  await registry.stop();
});

describeWithBuildkit(runner, "buildkit with into: registry follows the laws of sources", (buildkit) => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    run: edges.run,
    makesImage: (program, args) => program === "buildctl" && args.includes("build"),
    registryClient: createRegistryClient({ fetch: edges.fetch, credentials: noCredentials }),
    images: () => registryImages(registry.host),
    upstream: async (world) => {
      const forge = await forgeUpstream(world);
      const into = { into: "registry", registry: `${registry.host}/team` };
      return {
        ...forge,
        options: { ...forge.options, ...into, addr: buildkit().address },
        env: { ...forge.env, PATH: `${buildkit().programs}:${process.env.PATH ?? ""}` },
      };
    },
  });
});
