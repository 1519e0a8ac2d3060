import { describe, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createStore } from "@molecule/node-edges";
import { describeWithEngine } from "@molecule/test-fixtures";
import { forgeUpstream, imageSourceSuite } from "@molecule/testkit";
import plugin from "./index.js";

describeWithEngine({ describe, test }, "gitea-local-build follows the laws of sources", ({ address }) => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    engine: () =>
      createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" })),
    upstream: forgeUpstream,
  });
});
