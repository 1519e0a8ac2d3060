import type { Plugins, PluginFailure, CollectedPlugins } from "./collected-plugins.js";
import { isImageSourceError, type Selection, type SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import { loadPlugin, loadPluginOfSource } from "./load-plugin.js";
import { pluginNotFound, pluginTwice } from "./plugin-failure.js";
import type { Settings } from "../config/settings.js";
import { loadShipped, placeOfShipped, type ShippedPlugins } from "./shipped-plugins.js";

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
 * from the file that chose the source. One that cannot be used, or has the name of another, stops no other. Rejects with
 * `CONFIG_UNTRUSTED` where a plugin file is not the one that was accepted.
 */
export async function configuredPlugins(
  given: Plugins,
  shipped: ShippedPlugins,
  settings: Settings,
  selection: Selection,
): Promise<CollectedPlugins> {
  const plugins = new Map(given);
  const failures: PluginFailure[] = [];
  async function tried(name: string, load: () => Promise<void>): Promise<void> {
    try {
      await load();
    } catch (error) {
      // That the user has not accepted something, or no more, is no matter of one plugin.
      if (!isImageSourceError(error) || !error.code.startsWith("PLUGIN_")) throw error;
      failures.push({ name, error });
    }
  }

  const file = settings.fileOf("plugins");
  for (const name of file === undefined ? [] : settings.plugins) {
    await tried(name, async () => {
      const accepted = settings.acceptedPlugins.find((plugin) => plugin.name === name);
      const loaded = await loadPlugin(name, file ?? "", accepted);
      const other = plugins.get(loaded.plugin.name);
      // One module that is named in two ways is one plugin.
      if (other?.plugin === loaded.plugin) return;
      const place = other?.place ?? placeOfShipped(loaded.plugin.name, shipped);
      if (place !== undefined) throw pluginTwice(loaded.plugin.name, place, loaded.place);
      plugins.set(loaded.plugin.name, loaded);
    });
  }
  const { source } = selection;
  const chosenIn = settings.fileOf("sources", selection.mode);
  if (!plugins.has(source)) {
    await tried(source, async () => {
      const own =
        (await loadShipped(source, shipped)) ??
        (chosenIn === undefined ? undefined : await loadPluginOfSource(source, chosenIn));
      if (own !== undefined) plugins.set(source, own);
    });
  }
  return { plugins, failures };
}

/**
 * The plugin of the selected source. Throws `PLUGIN_NOT_FOUND`, or what the first that fails has failed with: which of
 * them was meant cannot be known then.
 */
export function selectedPlugin({ plugins, failures }: CollectedPlugins, { source }: Selection): SourcePlugin {
  const [failure] = failures;
  if (failure !== undefined) throw failure.error;
  const known = plugins.get(source);
  if (known !== undefined) return known.plugin;
  throw pluginNotFound(source, `there are only ${[...plugins.keys()].join(", ") || "none"}`);
}
