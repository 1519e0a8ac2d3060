import { closestMatch } from "@molecule/core";
import { isTree, type Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";

/** Returns the paths of keys that a JSON Schema does not allow. References and combinations are not evaluated. */
export function unknownKeys(
  values: unknown,
  schema: unknown,
  above: readonly string[] = [],
): readonly string[][] {
  if (!isTree(values) || !isTree(schema)) return [];
  const { properties, additionalProperties } = schema;
  const known = isTree(properties) ? properties : {};
  return Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, key];
    if (Object.hasOwn(known, key)) return unknownKeys(value, known[key], path);
    return additionalProperties === false ? [path] : unknownKeys(value, additionalProperties, path);
  });
}

/**
 * Returns the problem for an unknown key, with the closest match.
 * @param place the origin of the key, the path of the schema's root, and whether the schema is published
 */
export function unknownKeyProblem(
  path: readonly string[],
  schema: unknown,
  place: Pick<Problem, "where"> & { readonly above?: readonly string[]; readonly isPublished: boolean },
): Problem {
  const likely = closestMatch(path.at(-1) ?? "", keysAt(schema, path.slice(0, -1)));
  return {
    where: place.where,
    path: [...(place.above ?? []), ...path].join("."),
    what: likely === undefined ? "unknown key" : `unknown key (did you mean "${likely}"?)`,
    isInSchema: likely === undefined && place.isPublished,
  };
}

/** Returns the values without the given paths. */
export function withoutKeys(values: Tree, paths: readonly (readonly string[])[]): Tree {
  const kept = Object.entries(values).filter(
    ([key]) => !paths.some((path) => path.length === 1 && path[0] === key),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const below = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
      return [key, isTree(value) && below.length > 0 ? withoutKeys(value, below) : value];
    }),
  );
}

function keysAt(schema: unknown, path: readonly string[]): readonly string[] {
  let node = schema;
  for (const key of path) node = child(child(node, "properties"), key) ?? child(node, "additionalProperties");
  const properties = child(node, "properties");
  return isTree(properties) ? Object.keys(properties) : [];
}

function child(node: unknown, key: string): unknown {
  return isTree(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}
