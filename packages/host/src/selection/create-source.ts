import {
  assertServesMode,
  isImageSourceError,
  type Env,
  type ImageSource,
  type RegistryClient,
  type RegistryCredentials,
  type SourcePlugin,
  type SourceServices,
  type Store,
} from "@molecule/core";
import { checkSource } from "../plugins/check-source.js";
import { childLog } from "../log/child-log.js";
import type { Composition } from "../services/compose.js";
import type { FurtherEngines } from "../services/further-engines.js";
import type { Host } from "../contract/host.js";
import { pluginBroken } from "../plugins/plugin-failure.js";
import { pluginOptions } from "../options/plugin-options.js";

/** The parts of a host that exist before a source is created. */
export type HostParts = Omit<Host, "createProvider" | "imageEngine" | "prune" | "diagnose">;

export interface SourceParts {
  readonly env: Env;
  readonly credentials: RegistryCredentials;
  readonly registryClient: RegistryClient;
  readonly store: Store;
  readonly plugin: SourcePlugin;
  readonly composition: Composition;
  readonly further: FurtherEngines;
}

/**
 * Creates the plugin's source and the services passed to it. Contacts nothing. Rejects with `CONFIG_INVALID`,
 * `PLUGIN_BROKEN` or `PLUGIN_INVALID`.
 */
export async function createSource(
  { settings, registry, selection, mask, log: hostLog }: HostParts,
  { env, credentials, registryClient, store, plugin, composition, further }: SourceParts,
): Promise<{ readonly source: ImageSource; readonly services: SourceServices }> {
  assertServesMode(plugin, selection);
  const options = await pluginOptions(plugin, settings);
  const services: SourceServices = Object.freeze({
    ...composition.services,
    connectEngine: further.connect,
    credentials,
    registryClient,
    env,
    registry,
    platform: settings.platform,
    store,
    log: childLog(hostLog, { source: plugin.name }),
    mask,
  });
  return { source: callCreate(plugin, options, services), services };
}

function callCreate(plugin: SourcePlugin, options: unknown, services: SourceServices): ImageSource {
  let source: unknown;
  try {
    source = plugin.create(options, services);
  } catch (error) {
    if (isImageSourceError(error)) throw error;
    throw pluginBroken(`the plugin ${plugin.name}`, error);
  }
  return checkSource(source, plugin);
}
