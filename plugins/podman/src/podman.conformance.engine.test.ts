import * as runner from "@jest/globals";
import { test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createStore } from "@molecule/node-edges";
import { describeWithPodman } from "@molecule/test-fixtures";
import { forgeUpstream, imageSourceSuite } from "@molecule/testkit";
import plugin from "./index.js";

describeWithPodman(runner, "podman follows the laws of sources", (podman) => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    engine: () =>
      createDockerEngine(() =>
        findEngineEndpoint({ env: { DOCKER_HOST: podman().address }, home: "/nonexistent" }),
      ),
    upstream: forgeUpstream,
  });
});
