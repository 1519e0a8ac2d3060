import { dirname, resolve } from "node:path";
import type { SourcePlugin } from "@molecule/core";
import { isTree, type Tree } from "../layers/config-layer.js";
import type { ExplicitOptions } from "../layers/explicit-options.js";

/** Returns a source's configured options. Relative paths are resolved against the file that contains them. */
export function configuredOptions({ name, optionPaths = [] }: SourcePlugin, explicit: ExplicitOptions): Tree {
  const options = explicit.options(name) ?? {};
  return optionPaths.reduce(
    (tree, path) => withAbsolute(tree, path.split("."), ["options", name], explicit),
    options,
  );
}

function withAbsolute(
  tree: Tree,
  [key = "", ...rest]: readonly string[],
  above: readonly string[],
  explicit: ExplicitOptions,
): Tree {
  const keys = key === "*" ? Object.keys(tree) : [key].filter((one) => Object.hasOwn(tree, one));
  const changed = keys.map((one) => {
    const value = tree[one];
    const path = [...above, one];
    if (rest.length > 0) return [one, isTree(value) ? withAbsolute(value, rest, path, explicit) : value];
    const file = explicit.fileOf(...path);
    const isPath = typeof value === "string" && value !== "" && file !== undefined;
    return [one, isPath ? resolve(dirname(file), value) : value];
  });
  return { ...tree, ...(Object.fromEntries(changed) as Tree) };
}
