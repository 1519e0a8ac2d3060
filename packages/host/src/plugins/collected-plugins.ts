import { type ImageSourceError } from "@molecule/core";
import { type LoadedPlugin } from "./load-plugin.js";

/** Plugins by the name of their source. */
export type Plugins = ReadonlyMap<string, LoadedPlugin>;

/** A configured plugin that cannot be used. */
export interface PluginFailure {
  /** The name in the configuration. */
  readonly name: string;
  readonly error: ImageSourceError;
}

export interface CollectedPlugins {
  readonly plugins: Plugins;
  /** In configuration order. */
  readonly failures: readonly PluginFailure[];
}
