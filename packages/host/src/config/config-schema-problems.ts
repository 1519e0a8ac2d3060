import * as v from "valibot";
import type { Tree } from "../layers/config-layer.js";
import { listProblems, listsForMaps } from "../layers/lists-for-maps.js";
import type { Problem } from "../layers/config-problem.js";
import { configSchema, ownJsonSchema } from "./config-schema.js";
import { plainSchemaMessage } from "../layers/plain-schema-message.js";
import { unknownKeyProblem, unknownKeys, withoutKeys } from "../layers/unknown-keys.js";

/** Everything in a file's values that the schema does not allow. Options of sources are for their plugins to check. */
export function configSchemaProblems(values: Tree, where: string): readonly Problem[] {
  const schema = ownJsonSchema();
  // A strict object reports only the first of its unknown keys.
  const unknown = unknownKeys(values, schema).map((path) =>
    unknownKeyProblem(path, schema, { where, isPublished: true }),
  );
  const lists = listsForMaps(values, schema);
  const paths = lists.map(({ path }) => path);
  const { issues = [] } = v.safeParse(configSchema, withoutKeys(values, paths));
  const wrong = issues
    .filter(({ type, expected }) => type !== "strict_object" || expected !== "never")
    .flatMap((issue) => innermost(issue))
    .map(({ path, message }) => ({ where, path: path.join("."), what: plainSchemaMessage(message) }));
  return [...listProblems(lists, () => where), ...wrong, ...unknown];
}

type Issue = Pick<v.BaseIssue<unknown>, "type" | "path" | "message" | "issues">;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Returns what is wrong inside the value of a union, if one of its forms fits except for that; else the issue itself. */
function innermost({ type, path, message, issues }: Issue): readonly Fault[] {
  const here = path?.map(({ key }) => String(key)) ?? [];
  const inside = type === "union" ? (issues ?? []).filter((issue) => issue.path !== undefined) : [];
  if (inside.length === 0) return [{ path: here, message }];
  return inside.flatMap((issue) =>
    innermost(issue).map((fault) => ({ ...fault, path: [...here, ...fault.path] })),
  );
}
