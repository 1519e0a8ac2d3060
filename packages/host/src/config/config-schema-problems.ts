import type { Tree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";
import { configSchema, ownJsonSchema } from "./config-schema.js";
import { plainSchemaMessage } from "./plain-schema-message.js";
import { unknownKeyProblem } from "./unknown-keys.js";

/** Everything in a file's values that the schema does not allow. Options of sources are for their plugins to check. */
export function configSchemaProblems(values: Tree, where: string): readonly Problem[] {
  const { error } = configSchema.safeParse(values);
  return (error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys")
      return [{ where, path: path.join("."), what: plainSchemaMessage(issue.message) }];
    return issue.keys.map((key) => unknownKeyProblem([...path, key], ownJsonSchema(), { where }));
  });
}
