import type { JsonSchema, SourcePlugin } from "@molecule/core";

/**
 * The options of a plugin as a JSON Schema: its own word, else that of its schema library. Undefined when neither says
 * anything. Throws what they throw. Without a schema a plugin takes no options.
 */
export async function optionsJsonSchema(
  plugin: Pick<SourcePlugin, "options" | "optionsJsonSchema">,
): Promise<JsonSchema | undefined> {
  if (plugin.optionsJsonSchema !== undefined) return plugin.optionsJsonSchema();
  if (plugin.options === undefined) return { type: "object", properties: {}, additionalProperties: false };
  return plugin.options["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
}
