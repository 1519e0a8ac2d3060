import { pathToFileURL } from "node:url";
import type { ImageSourceError, SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import { pluginBroken, pluginInvalid, pluginNotFound, sourceNotFound } from "./plugin-failure.js";
import { isPluginPath, readPluginFile } from "./plugin-files.js";
import { type PluginFile } from "../layers/plugin-file.js";
import { shownDirectory, shownFile } from "../layers/inline-file.js";
import { configUntrusted } from "../layers/config-untrusted.js";
import { isPackageName, resolvePlugin, type PluginModule } from "./resolve-plugin.js";

/** A plugin and where it comes from. */
export interface LoadedPlugin {
  readonly plugin: SourcePlugin;
  /** The file it was imported from, or how it was provided; for messages. */
  readonly place: string;
  readonly version: string | null;
}

/**
 * Imports the plugin that a configuration file names under `plugins`. Rejects with `PLUGIN_NOT_FOUND`, `PLUGIN_BROKEN`
 * (the import fails with `cause`) or `PLUGIN_INVALID` (the export is not a plugin).
 * @param accepted the plugin file as the user trusted it; rejects with `CONFIG_UNTRUSTED` if it has changed
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
  if (found === undefined)
    throw pluginNotFound(
      name,
      `named by ${shownFile(configFile)}, ${searchedPlace(name, configFile)}`,
      configFile,
    );
  return importPlugin(found);
}

/** Returns the packages that may hold the plugin of a bare source name, in the order in which they are tried. */
export function packagesOfSource(source: string): readonly string[] {
  return [`@molecule/source-${source}`, `molecule-source-${source}`];
}

/**
 * Imports the plugin of a bare source name: `@molecule/source-<name>`, then `molecule-source-<name>`.
 * Rejects like {@link loadPlugin}, and with `PLUGIN_INVALID` if the plugin has another name.
 */
export async function loadPluginOfSource(source: string, configFile: string): Promise<LoadedPlugin> {
  const packages = packagesOfSource(source);
  for (const name of packages) {
    const found = await resolvePlugin(name, configFile);
    if (found === undefined) continue;
    const loaded = await importPlugin(found);
    if (loaded.plugin.name === source) return loaded;
    throw pluginInvalid(loaded.place, `its name is ${loaded.plugin.name}, not ${source}`);
  }
  throw sourceNotFound(
    source,
    `named by ${shownFile(configFile)}, searched for from ${shownDirectory(configFile)} as ${packages.join(" and ")}`,
    configFile,
  );
}

/*
 * The file was compared with what the user accepted when the configuration was read, and is compared again right
 * before its import. Node then reads it again: importing the bytes that were compared would need another URL,
 * from which the plugin could resolve neither its packages nor its neighbouring files. So only changes made before this
 * check are detected: a write between the check and the import is not, and the plugin's own imports are not checked.
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

function searchedPlace(name: string, configFile: string): string {
  if (isPluginPath(name) || isPackageName(name)) return `searched for from ${shownDirectory(configFile)}`;
  return "which is neither a package name nor a path that starts with ./ or ../";
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
