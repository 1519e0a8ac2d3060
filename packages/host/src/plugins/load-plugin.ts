import { pathToFileURL } from "node:url";
import type { ImageSourceError, SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import { pluginBroken, pluginInvalid, pluginNotFound } from "./plugin-failure.js";
import { isPluginPath, readPluginFile } from "./plugin-files.js";
import { type PluginFile } from "../config/plugin-file.js";
import { configUntrusted } from "../trust/refuse-untrusted.js";
import { isPackageName, resolvePlugin, type PluginModule } from "./resolve-plugin.js";

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
 * @param accepted the plugin file, where it counts only as it was accepted: `CONFIG_UNTRUSTED` when it is not that
 */
export async function loadPlugin(
  name: string,
  configFile: string,
  accepted?: PluginFile,
): Promise<LoadedPlugin> {
  if (accepted !== undefined) {
    await refuseChanged(accepted, configFile);
    return importPlugin({ file: accepted.path, version: undefined });
  }
  const found = await resolvePlugin(name, configFile);
  if (found === undefined) throw pluginNotFound(name, `named by ${configFile}, ${whereLooked(name)}`);
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
    throw pluginInvalid(loaded.place, `its name is ${loaded.plugin.name}, expected ${source}`);
  }
  throw pluginNotFound(
    source,
    `named by ${configFile}, looked for from its directory as ${packages.join(" and ")}`,
  );
}

/*
 * The file was compared with what the user accepted when the configuration was read, and is compared again right
 * before its import. Node reads it once more by itself: importing the bytes that were compared would need another URL,
 * from which a plugin finds neither its packages nor the files beside it. So what is guaranteed is that a change made
 * before this moment is seen. Whoever can write the file within the moment that is left is not kept out; nor are the
 * modules looked at that the plugin imports.
 */
async function refuseChanged(accepted: PluginFile, configFile: string): Promise<void> {
  const changed = (cause?: unknown): ImageSourceError =>
    configUntrusted(
      configFile,
      `${accepted.path}, which ${configFile} names, has changed since it was trusted`,
      cause,
    );
  const now = await readPluginFile(accepted.name, configFile).catch((error: unknown) => {
    throw changed(error);
  });
  if (now.path !== accepted.path || now.sha256 !== accepted.sha256) throw changed();
}

function whereLooked(name: string): string {
  if (isPluginPath(name) || isPackageName(name)) return "looked for from its directory";
  return "which is neither the name of a package nor a path that begins with ./ or ../";
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
