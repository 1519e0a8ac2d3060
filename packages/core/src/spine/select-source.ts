import type { Selection } from "../contract/selection.js";
import { configInvalid } from "../errors/error-table.js";
import type { SourcePlugin } from "../contract/plugin.js";
import { registryVariable, type Mode, type RegistrySource } from "../values/registry-source.js";

/** Which source serves each mode. */
export type SourceByMode = Readonly<Record<Mode, string>>;

/** The default source of each mode. */
export const defaultSources: SourceByMode = { registry: "registry-pull", local: "gitea-local-build" };

/**
 * Selects the source by mode alone; nothing that happens later changes the selection.
 * @param origin where `sources` was configured: a file, or "default"
 */
export function selectSource(registry: RegistrySource, sources: SourceByMode, origin: string): Selection {
  const presence = registry.mode === "registry" ? "is set" : "is not set";
  const source = sources[registry.mode];
  return {
    source,
    mode: registry.mode,
    because: `${registryVariable} ${presence}, and sources.${registry.mode} is ${source} (${origin})`,
  };
}

/** Throws `CONFIG_INVALID` if the plugin does not support the mode it was selected for. */
export function assertServesMode(plugin: Pick<SourcePlugin, "name" | "modes">, selection: Selection): void {
  if (plugin.modes.includes(selection.mode)) return;
  throw configInvalid(
    `sources.${selection.mode} is ${plugin.name}, which serves only ${plugin.modes.join(" and ")}`,
    `Choose a source that serves ${selection.mode} images, such as ${defaultSources[selection.mode]}.`,
  );
}
