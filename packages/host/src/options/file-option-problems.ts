import type { SourcePlugin } from "@molecule/core";
import { isTree, type Layer } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { mergeLayers } from "../layers/merge-layers.js";
import { optionProblems } from "./plugin-options.js";
import { explicitOptions } from "../layers/explicit-options.js";
import { loadShipped, type ShippedPlugins } from "../plugins/shipped-plugins.js";
import { knownManifests } from "../plugins/known-manifests.js";
import { runtimeMaps } from "./runtime-maps.js";
import { unknownOptions } from "./unknown-options.js";

interface AtHand {
  readonly plugins: readonly SourcePlugin[];
  readonly shipped: ShippedPlugins;
}

/**
 * Checks the options of sources in files with the available plugins, so that these problems are reported together with
 * all others in the files. Configured plugins check their options later, when they are loaded.
 */
export async function fileOptionProblems(
  files: readonly Layer[],
  above: readonly Layer[],
  { plugins, shipped }: AtHand,
): Promise<readonly Problem[]> {
  const named = new Set(files.flatMap(({ values }) => Object.keys(treeAt(values, "options"))));
  if (named.size === 0) return [];
  const explicit = explicitOptions(mergeLayers([...files, ...above], runtimeMaps(knownManifests(plugins))));
  // A later plugin replaces an earlier one of the same name.
  const atHand = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  const problems: Problem[] = [];
  for (const name of named) {
    const plugin = atHand.get(name) ?? (await loadShipped(name, shipped))?.plugin;
    if (plugin !== undefined) problems.push(...(await optionProblems(plugin, explicit)));
  }
  // The names of plugins that are not loaded yet are unknown.
  if (files.some(({ values }) => "plugins" in values)) return problems;
  const chosen = files.flatMap(({ values }) => Object.values(treeAt(values, "sources")).map(String));
  return [...problems, ...unknownOptions(explicit, [...atHand.keys(), ...Object.keys(shipped), ...chosen])];
}

function treeAt(values: Layer["values"], key: string): Layer["values"] {
  const found = values[key];
  return isTree(found) ? found : {};
}
