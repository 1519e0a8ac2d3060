import { isTree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { nameOfSchemaType } from "./plain-schema-message.js";

/** A list where a JSON Schema wants a map. */
export interface MisplacedList {
  readonly path: readonly string[];
  /** The allowed types: `a map`, or `text or a map`. */
  readonly wanted: string;
}

/** Returns the lists where a JSON Schema wants a map: valibot accepts a list as an object. */
export function listsForMaps(
  value: unknown,
  schema: unknown,
  path: readonly string[] = [],
): readonly MisplacedList[] {
  if (!isTree(schema)) return [];
  const forms: readonly unknown[] = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
  const types = forms.flatMap((form) => (isTree(form) && typeof form.type === "string" ? [form.type] : []));
  if (!types.includes("object")) return [];
  if (Array.isArray(value)) return [{ path, wanted: [...new Set(types.map(nameOfSchemaType))].join(" or ") }];
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
 * Returns the problems for these lists.
 * @param whereOf returns the origin of the value at a path
 */
export function listProblems(
  lists: readonly MisplacedList[],
  whereOf: (path: readonly string[]) => string,
): readonly Problem[] {
  return lists.map(({ path, wanted }) => ({
    where: whereOf(path),
    path: path.join("."),
    what: `must be ${wanted}, not a list`,
  }));
}
