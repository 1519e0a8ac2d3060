import {
  selectSource,
  type RegistrySource,
  type Selection,
  type SourceManifest,
  type SourcePlugin,
} from "@molecule/core";
import { templateLayer } from "../config/template-layer.js";
import type { Flags } from "../config/variable-layers.js";
import { refuseUnknownOptions } from "../options/unknown-options.js";
import type { Settings } from "../config/settings.js";
import { configuredPlugins, selectedPlugin } from "./collect-plugins.js";
import type { CollectedPlugins, Plugins } from "../plugins/collected-plugins.js";
import { knownManifests } from "../plugins/known-manifests.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";

/** The source that a mode selects, with the plugins that were loaded for it. */
export interface LoadedSelection {
  readonly registry: RegistrySource;
  readonly selection: Selection;
  /** Including what the loaded plugins declare. */
  readonly settings: Settings;
  readonly collected: CollectedPlugins;
  /** The sources that are known, whether their plugins are loaded or not. */
  readonly manifests: readonly SourceManifest[];
  /** Returns the selected source's plugin. Throws `PLUGIN_NOT_FOUND`, or the error of a plugin that failed to load. */
  plugin(): SourcePlugin;
}

/** The setting that selects the source, and the flags that apply to it. */
export interface SelectionRequest {
  readonly registry: RegistrySource;
  readonly flags?: Flags | undefined;
}

/**
 * Selects the source for a mode and loads the configured plugins. A plugin that cannot be used is recorded, and affects
 * only callers that need it. Rejects with `CONFIG_INVALID` or `CONFIG_UNTRUSTED`.
 */
export async function loadSelection(
  { given, shipped }: { readonly given: Plugins; readonly shipped: ShippedPlugins },
  configured: Settings,
  { registry, flags = {} }: SelectionRequest,
): Promise<LoadedSelection> {
  const origin = configured.originOf("sources", registry.mode);
  const selection = selectSource(registry, configured.sources, origin);
  const collected = await configuredPlugins(given, shipped, configured, selection);
  refuseUnknownOptions(configured, collected, shipped);
  const loaded = [...collected.plugins.values()].map(({ plugin }) => plugin);
  const manifests = knownManifests(loaded);
  const above = templateLayer({
    templates: flags.templates ?? {},
    selection,
    manifests,
    runtimes: configured.runtimes,
  });
  return {
    registry,
    selection,
    settings: configured.withDeclarations(loaded, above),
    collected,
    manifests,
    plugin: () => selectedPlugin(collected, selection),
  };
}
