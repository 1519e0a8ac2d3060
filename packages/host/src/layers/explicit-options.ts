import { isTree, type Tree } from "./config-layer.js";
import type { Merged } from "./merge-layers.js";

/** The configured options of sources, without defaults, and their origins. */
export interface ExplicitOptions {
  /** Returns a source's configured options, without defaults; undefined if it has none. */
  options(source: string): Tree | undefined;
  /** Returns the names of the sources with configured options. */
  optionNames(): readonly string[];
  /** Returns `default`, `settings`, `variable NAME`, `flag --name` or the path of a file. */
  originOf(...path: readonly string[]): string;
  /** Returns the configuration file that a value comes from; undefined if it does not come from a file. */
  fileOf(...path: readonly string[]): string | undefined;
}

export function explicitOptions(merged: Merged): ExplicitOptions {
  const options = merged.at("options");
  return {
    options: (source) => {
      const found = merged.at("options", source);
      return isTree(found) ? found : undefined;
    },
    optionNames: () => (isTree(options) ? Object.keys(options) : []),
    originOf: (...path) => merged.layerOf(...path)?.origin ?? "default",
    fileOf: (...path) => merged.layerOf(...path)?.file,
  };
}
