import { isTree, type Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { configJsonSchema, configSchema } from "./config-schema.js";
import { nearMiss } from "./near-miss.js";

/** Everything in a file's values that the schema does not allow. */
export function configSchemaProblems(values: Tree, where: string): readonly Problem[] {
  const { error } = configSchema.safeParse(values);
  return (error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [{ where, path: path.join("."), what: issue.message }];
    return issue.keys.map((key) => {
      const likely = nearMiss(key, keysAt(path));
      return {
        where,
        path: [...path, key].join("."),
        what: likely === undefined ? "unknown key" : `unknown key (did you mean "${likely}"?)`,
      };
    });
  });
}

function keysAt(path: readonly string[]): readonly string[] {
  let node: unknown = configJsonSchema();
  for (const key of path) node = child(child(node, "properties"), key);
  const properties = child(node, "properties");
  return isTree(properties) ? Object.keys(properties) : [];
}

function child(node: unknown, key: string): unknown {
  return isTree(node) ? node[key] : undefined;
}
