import type { SourceManifest } from "@molecule/core";
import type { ShippedPlugins } from "./shipped-plugins.js";
import { shippedManifests } from "./shipped-manifests.js";

/**
 * Returns the manifests of the shipped sources and of these plugins, which replace shipped ones of the same name. A
 * shipped source is known even if its plugin is not installed: one configuration file serves hosts with different
 * plugins.
 */
export function knownManifests(plugins: Iterable<SourceManifest>): readonly SourceManifest[] {
  return [
    ...new Map([...shippedManifests, ...plugins].map((manifest) => [manifest.name, manifest])).values(),
  ];
}

/** Returns the names of the sources that are known without loading a plugin. */
export function knownSources(plugins: Iterable<SourceManifest>, shipped: ShippedPlugins): readonly string[] {
  return [...knownManifests(plugins).map(({ name }) => name), ...Object.keys(shipped)];
}
