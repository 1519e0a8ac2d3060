import { assertServesMode, isImageSourceError, type Mode, type SourcePlugin } from "@molecule/core";
import { isTree, type Layer } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { loadShipped, type ShippedPlugins } from "./shipped-plugins.js";

const modes: readonly Mode[] = ["registry", "local"];

/** Reports each source that a file selects for a mode it does not declare; plugins not yet loaded are skipped. */
export async function unservedModes(
  { origin, values }: Layer,
  { plugins, shipped }: { readonly plugins: readonly SourcePlugin[]; readonly shipped: ShippedPlugins },
): Promise<readonly Problem[]> {
  const sources = isTree(values["sources"]) ? values["sources"] : {};
  const problems: Problem[] = [];
  for (const mode of modes) {
    const name = sources[mode];
    if (typeof name !== "string") continue;
    const plugin = plugins.find((one) => one.name === name) ?? (await loadShipped(name, shipped))?.plugin;
    if (plugin === undefined) continue;
    try {
      assertServesMode(plugin, { source: name, mode, because: origin });
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      problems.push({ where: origin, path: "", what: error.message });
    }
  }
  return problems;
}
