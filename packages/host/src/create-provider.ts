import { join } from "node:path";
import {
  assertServesMode,
  type ContainerEngine,
  createProcessLock,
  createSpine,
  ImageSourceError,
  isImageSourceError,
  ownBase,
  type Env,
  type Observer,
  type RegistryCredentials,
  type ImageSource,
  type ReadyImage,
  type SourcePlugin,
  type SourceServices,
} from "@molecule/core";
import { checkSource } from "./check-source.js";
import { childLog } from "./child-log.js";
import type { Composition } from "./compose.js";
import type { FurtherEngines } from "./further-engines.js";
import type { Host, HostImageProvider } from "./host.js";
import { pluginBroken } from "./plugin-failure.js";
import { pluginOptions } from "./plugin-options.js";

export interface Chosen {
  readonly env: Env;
  readonly credentials: RegistryCredentials;
  readonly plugin: SourcePlugin;
  readonly composition: Composition;
  readonly further: FurtherEngines;
  readonly observer: Observer | undefined;
  /** Of the host: it is published, and closing it closes the host. Otherwise it is one for a single task. */
  readonly isMain: boolean;
}

/** Makes the source of the plugin and puts the spine around it. Contacts nothing. */
export async function createProvider(
  host: Omit<Host, "createProvider" | "prune">,
  { env, credentials, plugin, composition, further, observer, isMain }: Chosen,
): Promise<HostImageProvider> {
  const { settings, registry, selection, engine, mask, container, sources } = host;
  assertServesMode(plugin, selection);
  const options = await pluginOptions(plugin, settings);
  const log = childLog(host.log, { source: plugin.name });
  const services: SourceServices = Object.freeze({
    ...composition.services,
    connectEngine: further.connect,
    credentials,
    env,
    registry,
    platform: settings.platform,
    cacheDir: settings.cacheDir,
    log,
    mask,
  });
  const source = created(plugin, options, services);
  const spine = createSpine({
    source,
    selection,
    registry,
    runtimes: settings.runtimes,
    timeoutMs: settings.timeoutMs,
    stallAfterMs: settings.stallAfterMs,
    lock: createProcessLock({
      directory: join(settings.cacheDir, "locks"),
      base: ownBase(settings.cacheDir, env),
      clock: services.clock,
      log,
    }),
    mask,
    clock: services.clock,
    log,
    observer,
    close: async () => {
      if (isMain) await host.close();
    },
  });
  const provider: HostImageProvider = {
    ...spine,
    engineOf: (image) => holder(image, engine, further),
    settings,
    engine,
    mask,
    container,
    sources,
  };
  if (isMain) composition.publish({ imageProvider: provider, imageSource: source });
  return provider;
}

/** Whether it is the configured engine's own image is for whoever uses the engine: that one need not be there at all. */
function holder(
  { reference, imageId, engine: held }: ReadyImage,
  configured: ContainerEngine,
  further: FurtherEngines,
): ContainerEngine {
  if (held !== null) return further.at(held.address) ?? configured;
  throw new ImageSourceError({
    code: "CONTAINER_FAILED",
    message: `no container engine holds ${reference}: it is in a storage that no engine serves`,
    hint: `Run it with a tool on that storage (\`podman run ${imageId}\`), or have it handed to an engine (buildah: \`into: docker\`).`,
  });
}

function created(plugin: SourcePlugin, options: unknown, services: SourceServices): ImageSource {
  let source: unknown;
  try {
    source = plugin.create(options, services);
  } catch (error) {
    if (isImageSourceError(error)) throw error;
    throw pluginBroken(`the plugin ${plugin.name}`, error);
  }
  return checkSource(source, plugin.name);
}
