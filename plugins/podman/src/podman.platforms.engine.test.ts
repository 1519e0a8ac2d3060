import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll } from "@jest/globals";
import { createImageProvider } from "@molecule/host";
import { describeWithPodman, startRegistry, type Registry } from "@molecule/test-fixtures";
import { testBasePlatforms, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithPodman(runner, "Podman and bases for several platforms", (podman) => {
  const world = useSource(plugin, createImageProvider);
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
    // Before the first request, because Podman reads this only once.
    await writeFile(
      join(podman().directory, ".config", "containers", "registries.conf"),
      `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
    );
  });
  afterAll(() => registry.stop());
  testBasePlatforms({
    host: () => registry.host,
    addTemplate: (files) => world.addTemplate(files),
    open: (platform) =>
      world.open({ env: { CONTAINER_HOST: podman().address, MOLECULE_IMAGE_PLATFORM: platform } }),
  });
});
