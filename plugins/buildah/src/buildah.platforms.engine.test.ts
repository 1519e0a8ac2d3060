import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { describeWithBuildah, startRegistry, type Registry } from "@molecule/test-fixtures";
import { testBasePlatforms, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithBuildah(runner, "buildah and bases for several platforms", (storage) => {
  const world = useSource(plugin, createImageProvider);
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());
  async function open(platform: string): Promise<HostImageProvider> {
    const registriesConf = join(world.directory, "registries.conf");
    await writeFile(registriesConf, `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`);
    return world.open({
      env: {
        ...storage().env,
        CONTAINERS_REGISTRIES_CONF: registriesConf,
        MOLECULE_IMAGE_PLATFORM: platform,
      },
    });
  }

  testBasePlatforms({ host: () => registry.host, addTemplate: (files) => world.addTemplate(files), open });
});
