import { dirname, resolve } from "node:path";
import type { Layer, Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { readConfigFile } from "./read-config-file.js";
import { withoutKeys } from "./unknown-keys.js";

/** A configuration file that was read and checked. */
export interface FileLayer {
  /** Undefined when it could not be read; with problems it says what was written, right or wrong. */
  readonly layer: (Layer & { readonly file: string }) | undefined;
  readonly problems: readonly Problem[];
  /** Byte for byte what the layer was made of. */
  readonly content: Uint8Array;
}

/**
 * Reads a file, once, and checks it against the schema.
 * @param file as people know it
 * @param path where it lies, when links were resolved: what it names is relative to that
 */
export async function readLayer(file: string, path = file): Promise<FileLayer> {
  const { values, problems, content } = await readConfigFile(file, path);
  if (problems.length > 0) return { layer: undefined, problems, content };
  const { configSchemaProblems } = await import("./config-schema-problems.js");
  const invalid = configSchemaProblems(values, file);
  // It is for editors.
  const said = withoutKeys(values, [["$schema"]]);
  return { layer: { origin: file, file: path, values: absolute(said, path) }, problems: invalid, content };
}

/** Paths in a file are relative to it. */
function absolute(values: Tree, path: string): Tree {
  const { cacheDir } = values;
  return typeof cacheDir === "string" ? { ...values, cacheDir: resolve(dirname(path), cacheDir) } : values;
}
