import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { createImageProvider } from "@molecule/host";
import { describeWithCosign, describeWithPodman } from "@molecule/test-fixtures";
import { testSignedSharing, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithPodman(runner, "Podman and shared builds that must be signed", (podman) => {
  describeWithCosign(runner, () => {
    const world = useSource(plugin, createImageProvider);
    testSignedSharing({
      world,
      // Before the first request, because Podman reads this only once.
      acceptRegistry: (host) =>
        writeFile(
          join(podman().directory, ".config", "containers", "registries.conf"),
          `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
        ),
      env: () => ({ CONTAINER_HOST: podman().address }),
    });
  });
});
