import type { PluginFile } from "./plugin-file.js";

/** A map as it comes out of a configuration file. */
export type Tree = Readonly<Record<string, unknown>>;

/** What one place says; a later layer outranks an earlier one. */
export interface Layer {
  /** For people: `default`, `variable NAME`, `flag --name` or the path of a file. */
  readonly origin: string;
  /** The file, where it is one: relative names inside are relative to its directory. */
  readonly file?: string;
  /** Of a file that counts because the user accepted it: the plugin files that it names, as they were checked. */
  readonly acceptedPlugins?: readonly PluginFile[];
  readonly values: Tree;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
