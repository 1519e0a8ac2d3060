import { closestMatch, type SourceByMode } from "@molecule/core";
import type { CollectedPlugins } from "../plugins/collected-plugins.js";
import { refuseProblems, type Problem } from "../layers/config-problem.js";
import type { ExplicitOptions } from "../layers/explicit-options.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";

/** Reports options of unknown sources as unknown keys. */
export function unknownOptions(explicit: ExplicitOptions, plugins: Iterable<string>): readonly Problem[] {
  const known = new Set([...shippedManifests.map(({ name }) => name), ...plugins]);
  return explicit
    .optionNames()
    .filter((name) => !known.has(name))
    .map((name) => {
      const likely = closestMatch(name, known);
      return {
        where: explicit.originOf("options", name),
        path: `options.${name}`,
        what: `unknown key: no plugin has this name${likely === undefined ? "" : ` (did you mean "${likely}"?)`}`,
      };
    });
}

/**
 * Throws `CONFIG_INVALID` for options of unknown sources, unless a plugin failed to load: the options may be for it.
 */
export function refuseUnknownOptions(
  settings: ExplicitOptions & { readonly sources: SourceByMode },
  { plugins, failures }: CollectedPlugins,
  shipped: ShippedPlugins,
): void {
  if (failures.length > 0) return;
  const known = [...plugins.keys(), ...Object.keys(shipped), ...Object.values(settings.sources)];
  refuseProblems(unknownOptions(settings, known));
}
