import { isTree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";

/** Returns the paths of lists where a JSON Schema wants a map: valibot accepts a list as an object. */
export function listsForMaps(
  value: unknown,
  schema: unknown,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  if (!isTree(schema)) return [];
  const forms: readonly unknown[] = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
  const wantsMap = forms.some((form) => isTree(form) && form.type === "object");
  if (!wantsMap) return [];
  if (Array.isArray(value)) return [path];
  if (!isTree(value)) return [];
  const properties = isTree(schema.properties) ? schema.properties : {};
  return Object.entries(value).flatMap(([key, below]) =>
    listsForMaps(below, Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties, [
      ...path,
      key,
    ]),
  );
}

/**
 * Returns the problems for lists at these paths.
 * @param whereOf returns the origin of the value at a path
 */
export function listProblems(
  paths: readonly (readonly string[])[],
  whereOf: (path: readonly string[]) => string,
): readonly Problem[] {
  return paths.map((path) => ({
    where: whereOf(path),
    path: path.join("."),
    what: "must be a map, not a list",
  }));
}
