import { isImageSourceError, type SourcePlugin } from "@molecule/core";
import { isTree, type Layer } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { mergeLayers } from "../layers/merge-layers.js";
import { optionProblems, pluginOptions } from "./plugin-options.js";
import { explicitOptions } from "../layers/explicit-options.js";
import { knownManifests } from "../plugins/known-manifests.js";
import { runtimeMaps } from "./runtime-maps.js";
import { loadShipped, type ShippedPlugins } from "../plugins/shipped-plugins.js";

/** Reports options in a file that a source's schema accepts but that no call could use. */
export async function unusableOptions(
  { origin, values }: Layer,
  files: readonly Layer[],
  { plugins, shipped }: { readonly plugins: readonly SourcePlugin[]; readonly shipped: ShippedPlugins },
): Promise<readonly Problem[]> {
  const explicit = explicitOptions(mergeLayers(files, runtimeMaps(knownManifests(plugins))));
  const problems: Problem[] = [];
  for (const name of Object.keys(isTree(values["options"]) ? values["options"] : {})) {
    const plugin = plugins.findLast((one) => one.name === name) ?? (await loadShipped(name, shipped))?.plugin;
    // Schema violations are already reported.
    if (plugin?.assertUsable === undefined || (await optionProblems(plugin, explicit)).length > 0) continue;
    try {
      plugin.assertUsable(await pluginOptions(plugin, explicit));
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      problems.push({ where: origin, path: `options.${name}`, what: error.message });
    }
  }
  return problems;
}
