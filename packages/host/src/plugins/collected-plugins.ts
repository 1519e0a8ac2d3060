import { type ImageSourceError } from "@molecule/core";
import { type LoadedPlugin } from "./load-plugin.js";

/** Plugins by the name of their source. */
export type Plugins = ReadonlyMap<string, LoadedPlugin>;

/** A plugin that is configured, and cannot be used. */
export interface PluginFailure {
  /** As it is configured. */
  readonly name: string;
  readonly error: ImageSourceError;
}

export interface CollectedPlugins {
  readonly plugins: Plugins;
  /** In the order in which they are configured. */
  readonly failures: readonly PluginFailure[];
}
