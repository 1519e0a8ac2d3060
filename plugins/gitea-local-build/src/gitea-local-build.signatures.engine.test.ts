import * as runner from "@jest/globals";
import { createImageProvider } from "@molecule/host";
import { describeWithCosign, describeWithEngine } from "@molecule/test-fixtures";
import { testSignedSharing, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithEngine(runner, "shared builds that must be signed", ({ address }) => {
  describeWithCosign(runner, () => {
    const world = useSource(plugin, createImageProvider);
    testSignedSharing({
      world,
      // Docker accepts every registry on loopback.
      acceptRegistry: async () => undefined,
      env: () => ({ DOCKER_HOST: address }),
    });
  });
});
