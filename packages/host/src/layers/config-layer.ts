import type { PluginFile } from "./plugin-file.js";

/** A map parsed from a configuration file. */
export type Tree = Readonly<Record<string, unknown>>;

/** The values of one origin. A later layer takes precedence over an earlier one. */
export interface Layer {
  /** For messages: `default`, `settings`, `variable NAME`, `flag --name` or the path of a file. */
  readonly origin: string;
  /** The file, if any. Relative paths in it are relative to its directory. */
  readonly file?: string;
  /** For a project file that the user trusted: the plugin files that it names, as they were checked. */
  readonly acceptedPlugins?: readonly PluginFile[];
  readonly values: Tree;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
