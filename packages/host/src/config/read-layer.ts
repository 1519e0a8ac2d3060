import { dirname, resolve } from "node:path";
import type { Layer, Tree } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { readConfigFile } from "./read-config-file.js";
import { withoutKeys } from "../layers/unknown-keys.js";

/** A validated configuration file. */
export interface FileLayer extends CheckedLayer {
  /** The exact bytes that the layer was parsed from. */
  readonly content: Uint8Array;
}

/** Validated settings of one origin. */
export interface CheckedLayer {
  /** Undefined if the settings could not be read. If there are problems, it holds the unvalidated values. */
  readonly layer: (Layer & { readonly file: string }) | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads a file once and checks it against the schema.
 * @param file the path to show in messages
 * @param path the real path, to which paths in the file are relative
 */
export async function readLayer(file: string, path = file): Promise<FileLayer> {
  const { values, problems, content } = await readConfigFile(file, path);
  if (problems.length > 0) return { layer: undefined, problems, content };
  return { ...(await checkedLayer(values, file, path)), content };
}

/**
 * Checks settings against the schema.
 * @param origin for messages
 * @param path relative paths are relative to its directory
 */
export async function checkedLayer(values: Tree, origin: string, path: string): Promise<CheckedLayer> {
  const { configSchemaProblems } = await import("./config-schema-problems.js");
  const problems = configSchemaProblems(values, origin);
  // `$schema` is only for editors.
  const settings = withoutKeys(values, [["$schema"]]);
  return { layer: { origin, file: path, values: absolute(settings, path) }, problems };
}

/** Resolves relative paths against the file's directory. */
function absolute(values: Tree, path: string): Tree {
  const { cacheDir } = values;
  return typeof cacheDir === "string" ? { ...values, cacheDir: resolve(dirname(path), cacheDir) } : values;
}
