import * as runner from "@jest/globals";
import { afterAll, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createStore, nodeEdges } from "@molecule/node-edges";
import { describeWithBuildkit, describeWithEngine } from "@molecule/test-fixtures";
import { forgeUpstream, imageSourceSuite } from "@molecule/testkit";
import plugin from "./index.js";

const edges = nodeEdges({});
afterAll(() => {
  edges.close();
});

describeWithBuildkit(runner, "buildkit", (buildkit) => {
  describeWithEngine(runner, "follows the laws of sources", ({ address }) => {
    imageSourceSuite({
      test: (name, body) => test(name, body, 240_000),
      source: plugin,
      store: (directory) => createStore({ directory, env: {} }),
      run: edges.run,
      engine: () =>
        createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" })),
      upstream: async (world) => {
        const forge = await forgeUpstream(world);
        const PATH = `${buildkit().programs}:${process.env.PATH ?? ""}`;
        return {
          ...forge,
          options: { ...forge.options, addr: buildkit().address },
          env: { ...forge.env, PATH },
        };
      },
    });
  });
});
