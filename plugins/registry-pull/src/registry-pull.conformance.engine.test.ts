import { describe, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createStore } from "@molecule/node-edges";
import { describeWithEngine, startRegistry } from "@molecule/test-fixtures";
import { imageSourceSuite } from "@molecule/testkit";
import { loadImage, loadPrinter, push } from "./engine-requests.test.support.js";
import plugin from "./index.js";

describeWithEngine({ describe, test }, "registry-pull follows the laws of sources", ({ address }) => {
  imageSourceSuite({
    test: (name, body) => test(name, body, 240_000),
    source: plugin,
    store: (directory) => createStore({ directory, env: {} }),
    engine: () =>
      createDockerEngine(() => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" })),
    upstream: async ({ door, engine }) => {
      const registry = await startRegistry();
      const host = await door(registry.host);
      return {
        registry: `${host}/acme`,
        async publish(runtime, version) {
          // Pushed without the proxy, then removed from the engine, so that the source must pull it.
          const reference = `${registry.host}/acme/workspace-template-${runtime}:latest`;
          await loadPrinter(address, reference, version);
          await push(address, reference);
          await engine.removeImage(reference);
        },
        impostor: async (reference) => {
          await loadImage(address, reference, "arm64");
        },
        stop: () => registry.stop(),
      };
    },
  });
});
