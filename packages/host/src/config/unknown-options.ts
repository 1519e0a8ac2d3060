import { closestMatch } from "@molecule/core";
import type { CollectedPlugins } from "../plugins/collected-plugins.js";
import { refuseProblems, type Problem } from "./config-problem.js";
import type { ExplicitOptions } from "./explicit-options.js";
import type { Settings } from "./settings.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import { shippedSources } from "../plugins/source-names.js";

/** Options of sources that nobody knows are unknown keys. */
export function unknownOptions(said: ExplicitOptions, plugins: Iterable<string>): readonly Problem[] {
  const known = new Set([...shippedSources, ...plugins]);
  return said
    .optionNames()
    .filter((name) => !known.has(name))
    .map((name) => {
      const likely = closestMatch(name, known);
      const [key = ""] = Object.keys(said.options(name) ?? {});
      return {
        where: said.originOf("options", name, key),
        path: `options.${name}`,
        what: `unknown key: no plugin has this name${likely === undefined ? "" : ` (did you mean "${likely}"?)`}`,
      };
    });
}

/** Throws `CONFIG_INVALID` for them. With a plugin that cannot be loaded nobody knows all names. */
export function refuseUnknownOptions(
  settings: Settings,
  { plugins, failures }: CollectedPlugins,
  shipped: ShippedPlugins,
): void {
  if (failures.length > 0) return;
  const known = [...plugins.keys(), ...Object.keys(shipped), ...Object.values(settings.sources)];
  refuseProblems(unknownOptions(settings, known));
}
