import * as runner from "@jest/globals";
import { afterAll, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createStore, nodeEdges } from "@molecule/node-edges";
import { describeWithBuildah, describeWithEngine } from "@molecule/test-fixtures";
import { forgeUpstream, imageSourceSuite, type SuiteUpstream, type SuiteWorld } from "@molecule/testkit";
import { storedImages } from "./stored-images.test.support.js";
import plugin from "./index.js";

const edges = nodeEdges({});
afterAll(() => {
  edges.close();
});

describeWithBuildah(runner, "buildah follows the laws of sources", (storage) => {
  /** HOME and TMPDIR are the suite's, which checks them for leftovers. */
  const upstream =
    (into: string) =>
    async (world: SuiteWorld): Promise<SuiteUpstream> => {
      const forge = await forgeUpstream(world);
      const { CONTAINERS_CONF, CONTAINERS_STORAGE_CONF, XDG_RUNTIME_DIR } = storage().env;
      const env = { ...forge.env, CONTAINERS_CONF, CONTAINERS_STORAGE_CONF, XDG_RUNTIME_DIR };
      return { ...forge, options: { ...forge.options, into }, env };
    };

  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    run: edges.run,
    makesImage: (_program, [verb]) => verb === "build",
    images: () => storedImages(storage().env),
    upstream: upstream("containers-storage"),
  });

  describeWithEngine(runner, "into: docker", ({ address }) => {
    imageSourceSuite({
      test: (name, body) => test(`into docker, ${name}`, body, 240_000),
      source: plugin,
      store: (directory) => createStore({ directory, env: {} }),
      run: edges.run,
      engine: () =>
        createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" })),
      upstream: upstream("docker"),
    });
  });
});
