import { pathToFileURL } from "node:url";
import type { SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import { pluginBroken, pluginInvalid, pluginNotFound } from "./plugin-failure.js";
import { resolvePlugin, type PluginModule } from "./resolve-plugin.js";

/** A plugin, and where it comes from. */
export interface LoadedPlugin {
  readonly plugin: SourcePlugin;
  /** For people: the file it was imported from, or who gave it. */
  readonly place: string;
  readonly version: string | null;
}

/**
 * Imports the plugin that a configuration file names under `plugins`. Rejects with `PLUGIN_NOT_FOUND`, `PLUGIN_BROKEN`
 * (the import fails; `cause` says how) or `PLUGIN_INVALID` (what it exports is no plugin).
 */
export async function loadPlugin(name: string, configFile: string): Promise<LoadedPlugin> {
  const found = await resolvePlugin(name, configFile);
  if (found === undefined)
    throw pluginNotFound(name, `named by ${configFile}, looked for from its directory`);
  return importPlugin(found);
}

/**
 * Imports the plugin of a bare source name: `@molecule/source-<name>`, then `molecule-source-<name>`.
 * Rejects as {@link loadPlugin}; also with `PLUGIN_INVALID` when it calls itself something else.
 */
export async function loadPluginOfSource(source: string, configFile: string): Promise<LoadedPlugin> {
  const packages = [`@molecule/source-${source}`, `molecule-source-${source}`];
  for (const name of packages) {
    const found = await resolvePlugin(name, configFile);
    if (found === undefined) continue;
    const loaded = await importPlugin(found);
    if (loaded.plugin.name === source) return loaded;
    throw pluginInvalid(loaded.place, `it calls itself ${loaded.plugin.name}, but ${source} was looked for`);
  }
  throw pluginNotFound(
    source,
    `named by ${configFile}, looked for from its directory as ${packages.join(" and ")}`,
  );
}

async function importPlugin({ file, version }: PluginModule): Promise<LoadedPlugin> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw pluginBroken(file, error);
  }
  const plugin = checkPlugin(module.default, file);
  return { plugin, place: file, version: plugin.version ?? version ?? null };
}
