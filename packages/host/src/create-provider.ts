import { join } from "node:path";
import {
  type ContainerEngine,
  createSpine,
  ImageSourceError,
  type Observer,
  type ReadyImage,
} from "@molecule/core";
import { createProcessLock, ownBase } from "@molecule/node-edges";
import { createSource, type HostParts, type SourceParts } from "./plugins/create-source.js";
import type { FurtherEngines } from "./further-engines.js";
import type { HostImageProvider } from "./host.js";

export interface Chosen extends SourceParts {
  readonly observer: Observer | undefined;
  /** Of the host: it is published, and closing it closes the host. Otherwise it is one for a single task. */
  readonly isMain: boolean;
}

/** Makes the source of the plugin and puts the spine around it. Contacts nothing. */
export async function createProvider(host: HostParts, chosen: Chosen): Promise<HostImageProvider> {
  const { settings, registry, selection, engine, mask, container, sources } = host;
  const { env, composition, further, observer, isMain } = chosen;
  const { source, services } = await createSource(host, chosen);
  const { log } = services;
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
      env,
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
    message: `no container engine holds ${reference}: it is in a storage that no engine manages`,
    hint: `Run it with a tool on that storage (\`podman run ${imageId}\`), or load it into an engine (buildah: \`into: docker\`).`,
  });
}
