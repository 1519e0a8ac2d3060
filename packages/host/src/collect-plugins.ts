import type { Selection, SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import { loadPlugin, loadPluginOfSource, type LoadedPlugin } from "./load-plugin.js";
import { pluginNotFound, pluginTwice } from "./plugin-failure.js";
import type { Settings } from "./settings.js";
import { loadShipped, placeOfShipped, type ShippedPlugins } from "./shipped-plugins.js";

/** Plugins by the name of their source. */
export type Plugins = ReadonlyMap<string, LoadedPlugin>;

/** The plugins that the caller gives as values; the later one of a name replaces the earlier. */
export function givenPlugins(plugins: readonly SourcePlugin[]): Plugins {
  return new Map(
    plugins.map((value) => {
      const plugin = checkPlugin(value, "a plugin given by the caller");
      return [plugin.name, { plugin, place: "built in", version: plugin.version ?? null }];
    }),
  );
}

/**
 * Adds the plugins that the configuration names, and that of the selected source when nobody named it: it is looked up
 * from the file that chose the source. Rejects as `loadPlugin`, and with `PLUGIN_INVALID` when two have one name.
 */
export async function configuredPlugins(
  given: Plugins,
  shipped: ShippedPlugins,
  settings: Settings,
  selection: Selection,
): Promise<Plugins> {
  const plugins = new Map(given);
  const file = settings.fileOf("plugins");
  if (file !== undefined) {
    for (const name of settings.plugins) {
      const accepted = settings.acceptedPlugins.find((plugin) => plugin.name === name);
      const loaded = await loadPlugin(name, file, accepted);
      const other = plugins.get(loaded.plugin.name);
      // One module that is named in two ways is one plugin.
      if (other?.plugin === loaded.plugin) continue;
      const place = other?.place ?? placeOfShipped(loaded.plugin.name, shipped);
      if (place !== undefined) throw pluginTwice(loaded.plugin.name, place, loaded.place);
      plugins.set(loaded.plugin.name, loaded);
    }
  }
  if (!plugins.has(selection.source)) {
    const own = await loadShipped(selection.source, shipped);
    if (own !== undefined) plugins.set(selection.source, own);
  }
  const chosenIn = settings.fileOf("sources", selection.mode);
  if (!plugins.has(selection.source) && chosenIn !== undefined) {
    plugins.set(selection.source, await loadPluginOfSource(selection.source, chosenIn));
  }
  return plugins;
}

/** The plugin of the selected source. Throws `PLUGIN_NOT_FOUND`. */
export function selectedPlugin(plugins: Plugins, { source }: Selection): SourcePlugin {
  const known = plugins.get(source);
  if (known !== undefined) return known.plugin;
  throw pluginNotFound(source, `there are only ${[...plugins.keys()].join(", ") || "none"}`);
}
