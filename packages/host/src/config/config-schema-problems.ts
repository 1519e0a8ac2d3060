import * as v from "valibot";
import { isTree, type Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { configSchema, ownJsonSchema } from "./config-schema.js";
import { plainSchemaMessage } from "./plain-schema-message.js";
import { unknownKeyProblem, unknownKeys, withoutKeys } from "./unknown-keys.js";

/** Everything in a file's values that the schema does not allow. Options of sources are for their plugins to check. */
export function configSchemaProblems(values: Tree, where: string): readonly Problem[] {
  const schema = ownJsonSchema();
  // A strict object reports only the first of its unknown keys.
  const unknown = unknownKeys(values, schema).map((path) => unknownKeyProblem(path, schema, { where }));
  const lists = listsForMaps(values, schema);
  const { issues = [] } = v.safeParse(configSchema, withoutKeys(values, lists));
  const wrong = issues
    .filter(({ type, expected }) => type !== "strict_object" || expected !== "never")
    .map((issue) => ({
      where,
      path: issue.path?.map(({ key }) => String(key)).join(".") ?? "",
      what: plainSchemaMessage(issue.message),
    }));
  const notMaps = lists.map((path) => ({ where, path: path.join("."), what: "must be a map, not a list" }));
  return [...notMaps, ...wrong, ...unknown];
}

/** The paths of lists where the schema wants a map: valibot takes a list for an object. */
function listsForMaps(
  value: unknown,
  schema: unknown,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  if (!isTree(schema) || schema.type !== "object") return [];
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
