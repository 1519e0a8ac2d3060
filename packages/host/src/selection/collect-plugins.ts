import type { Plugins, PluginFailure, CollectedPlugins } from "../plugins/collected-plugins.js";
import { isImageSourceError, type Selection, type SourcePlugin } from "@molecule/core";
import { checkPlugin } from "../plugins/check-plugin.js";
import { loadPlugin, loadPluginOfSource } from "../plugins/load-plugin.js";
import { pluginTwice, sourceNotFound } from "../plugins/plugin-failure.js";
import type { Settings } from "../config/settings.js";
import { loadShipped, placeOfShipped, type ShippedPlugins } from "../plugins/shipped-plugins.js";

/** Validates the plugins that the caller passes as values. A later plugin replaces an earlier one of the same name. */
export function givenPlugins(plugins: readonly SourcePlugin[]): Plugins {
  return new Map(
    plugins.map((value) => {
      const plugin = checkPlugin(value, "a plugin passed by the caller");
      return [plugin.name, { plugin, place: "built in", version: plugin.version ?? null }];
    }),
  );
}

/**
 * Adds the configured plugins and, if it is not among them, the selected source's plugin, resolved from the file that
 * selects the source. A plugin that cannot be used is a failure and does not affect the others. Rejects with
 * `CONFIG_UNTRUSTED` if a plugin file has changed since it was trusted.
 */
export async function configuredPlugins(
  given: Plugins,
  shipped: ShippedPlugins,
  settings: Settings,
  selection: Selection,
): Promise<CollectedPlugins> {
  const plugins = new Map(given);
  const failures: PluginFailure[] = [];
  async function recordFailure(name: string, load: () => Promise<void>): Promise<void> {
    try {
      await load();
    } catch (error) {
      // Missing trust concerns the configuration, not one plugin.
      if (!isImageSourceError(error) || !error.code.startsWith("PLUGIN_")) throw error;
      failures.push({ name, error });
    }
  }

  const file = settings.fileOf("plugins");
  for (const name of file === undefined ? [] : settings.plugins) {
    await recordFailure(name, async () => {
      const accepted = settings.acceptedPlugins.find((plugin) => plugin.name === name);
      const loaded = await loadPlugin(name, file ?? "", accepted);
      const other = plugins.get(loaded.plugin.name);
      // Two names may resolve to the same module.
      if (other?.plugin === loaded.plugin) return;
      const place = other?.place ?? placeOfShipped(loaded.plugin.name, shipped);
      if (place !== undefined) throw pluginTwice(loaded.plugin.name, place, loaded.place);
      plugins.set(loaded.plugin.name, loaded);
    });
  }
  const { source } = selection;
  const chosenIn = settings.fileOf("sources", selection.mode);
  if (!plugins.has(source)) {
    await recordFailure(source, async () => {
      const own =
        (await loadShipped(source, shipped)) ??
        (chosenIn === undefined ? undefined : await loadPluginOfSource(source, chosenIn));
      if (own !== undefined) plugins.set(source, own);
    });
  }
  return { plugins, failures };
}

/**
 * Returns the selected source's plugin. Throws `PLUGIN_NOT_FOUND`, or the first load failure, because the plugin that
 * failed to load may be the selected one.
 */
export function selectedPlugin({ plugins, failures }: CollectedPlugins, { source }: Selection): SourcePlugin {
  const [failure] = failures;
  if (failure !== undefined) throw failure.error;
  const known = plugins.get(source);
  if (known !== undefined) return known.plugin;
  throw sourceNotFound(source, `available plugins: ${[...plugins.keys()].join(", ") || "none"}`);
}
