import {
  type ContainerEngine,
  createSpine,
  isEngineBound,
  isTracking,
  knownRuntime,
  type Observer,
  type ReadyImage,
  tryParse,
} from "@molecule/core";
import { createProcessLock } from "@molecule/node-edges";
import { createSource, type HostParts, type SourceParts } from "./selection/create-source.js";
import { imageNotRunnable, runtimeNotRunnable } from "./selection/not-runnable.js";
import { sourceEngine } from "./selection/source-engine.js";
import type { FurtherEngines } from "./services/further-engines.js";
import type { HostImageProvider } from "./contract/host.js";

export interface Chosen extends SourceParts {
  readonly observer: Observer | undefined;
  /** Whether it is the host's provider, which is published and closes the host, rather than one for a single task. */
  readonly isMain: boolean;
}

/** Creates the plugin's source and wraps it in the spine. Contacts nothing. */
export async function createProvider(host: HostParts, chosen: Chosen): Promise<HostImageProvider> {
  const { settings, registry, selection, engine, mask, container, sources } = host;
  const { composition, further, observer, isMain } = chosen;
  const { source, services } = await createSource(host, chosen);
  const { log } = services;
  const spine = createSpine({
    source,
    callOptions: chosen.plugin.callOptions,
    selection,
    registry,
    runtimes: settings.runtimes,
    timeoutMs: settings.timeoutMs,
    stallAfterMs: settings.stallAfterMs,
    lock: createProcessLock({ store: services.store, clock: services.clock, log }),
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
    assertRunnable: (runtime) => {
      const isKnown = tryParse((text) => knownRuntime(text, settings.runtimes), runtime) !== undefined;
      const place = isEngineBound(source) ? source.imagesIn : undefined;
      if (isKnown && place !== undefined) throw runtimeNotRunnable(runtime, source.name, place);
    },
    imageEngine: async (caller) => sourceEngine(source, { engine, further, mask, log }, caller),
    upstreamOf: (runtime) => {
      const known = knownRuntime(runtime, settings.runtimes);
      return isTracking(source) ? source.upstream(known) : undefined;
    },
    settings,
    engine,
    mask,
    container,
    sources,
  };
  if (isMain) composition.publish({ imageProvider: provider, imageSource: source });
  return provider;
}

/** Returns the engine that holds the image. It is not contacted here: the configured engine may not be running. */
function holder(image: ReadyImage, configured: ContainerEngine, further: FurtherEngines): ContainerEngine {
  if (image.engine === null) throw imageNotRunnable(image);
  return further.at(image.engine.address) ?? configured;
}
