import { isTree, type Tree } from "./config-layer.js";
import type { Merged } from "./merge-layers.js";

/** What all layers together say of the options of sources, and where they say it. */
export interface ExplicitOptions {
  /** What is configured for a source, without its defaults; undefined when nothing is. */
  options(source: string): Tree | undefined;
  /** The sources that options are configured for, by their names. */
  optionNames(): readonly string[];
  /** `default`, `variable NAME`, `flag --name` or the path of a file. */
  originOf(...path: readonly string[]): string;
  /** The configuration file that a value comes from; undefined when it comes from elsewhere. */
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
