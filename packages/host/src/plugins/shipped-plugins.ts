import { isImageSourceError, type SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import type { CollectedPlugins } from "./collected-plugins.js";
import type { LoadedPlugin } from "./load-plugin.js";
import { pluginBroken } from "./plugin-failure.js";

/** The shipped plugins by source name, each imported on demand. */
export type ShippedPlugins = Readonly<Record<string, () => Promise<{ readonly default: SourcePlugin }>>>;

const builtIn = "built in";

/** Returns the place of a shipped plugin for messages; undefined if none has this name. */
export function placeOfShipped(name: string, shipped: ShippedPlugins): string | undefined {
  return Object.hasOwn(shipped, name) ? builtIn : undefined;
}

/** Imports a shipped plugin; undefined if none has this name. Rejects with `PLUGIN_BROKEN` or `PLUGIN_INVALID`. */
export async function loadShipped(name: string, shipped: ShippedPlugins): Promise<LoadedPlugin | undefined> {
  const load = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (load === undefined) return undefined;
  const module = await load().catch((error: unknown) => {
    throw pluginBroken(`the plugin ${name}`, error);
  });
  const plugin = checkPlugin(module.default, `the plugin ${name}`);
  return { plugin, place: builtIn, version: plugin.version ?? null };
}

/** Returns all plugins, the shipped ones first. A collected plugin replaces a shipped one of the same name. */
export async function withShipped(
  { plugins, failures }: CollectedPlugins,
  shipped: ShippedPlugins,
): Promise<CollectedPlugins> {
  const all = new Map<string, LoadedPlugin>();
  const failed = [...failures];
  for (const name of Object.keys(shipped)) {
    try {
      const loaded = plugins.get(name) ?? (await loadShipped(name, shipped));
      if (loaded !== undefined) all.set(name, loaded);
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      if (!failed.some((failure) => failure.name === name)) failed.push({ name, error });
    }
  }
  return { plugins: new Map([...all, ...plugins]), failures: failed };
}
