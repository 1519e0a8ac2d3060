import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { createImageProvider } from "@molecule/host";
import { describeWithBuildah, describeWithCosign } from "@molecule/test-fixtures";
import { testSignedSharing, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithBuildah(runner, "buildah and shared builds that must be signed", (storage) => {
  describeWithCosign(runner, () => {
    const world = useSource(plugin, createImageProvider);
    const registriesConf = (): string => join(world.directory, "registries.conf");
    testSignedSharing({
      world,
      acceptRegistry: (host) =>
        writeFile(registriesConf(), `[[registry]]\nlocation = "${host}"\ninsecure = true\n`),
      env: () => ({ ...storage().env, CONTAINERS_REGISTRIES_CONF: registriesConf() }),
    });
  });
});
