import { isImageSourceError, type SourcePlugin } from "@molecule/core";
import { checkPlugin } from "./check-plugin.js";
import type { CollectedPlugins } from "./collected-plugins.js";
import type { LoadedPlugin } from "./load-plugin.js";
import { pluginBroken } from "./plugin-failure.js";

/** Plugins that come with a program, by the names of their sources; each is imported when it is needed. */
export type ShippedPlugins = Readonly<Record<string, () => Promise<{ readonly default: SourcePlugin }>>>;

const builtIn = "built in";

/** Where a shipped plugin of that name is, for messages; undefined when there is none. */
export function placeOfShipped(name: string, shipped: ShippedPlugins): string | undefined {
  return Object.hasOwn(shipped, name) ? builtIn : undefined;
}

/** Undefined when no such plugin is shipped. Rejects with `PLUGIN_BROKEN` or `PLUGIN_INVALID`. */
export async function loadShipped(name: string, shipped: ShippedPlugins): Promise<LoadedPlugin | undefined> {
  const load = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (load === undefined) return undefined;
  const module = await load().catch((error: unknown) => {
    throw pluginBroken(`the plugin ${name}`, error);
  });
  const plugin = checkPlugin(module.default, `the plugin ${name}`);
  return { plugin, place: builtIn, version: plugin.version ?? null };
}

/** All plugins: the shipped ones first, in their order, where no other of their name stands in for them. */
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
