import type { JsonSchema, SourcePlugin } from "@molecule/core";

/**
 * Returns the JSON Schema of a plugin's options: the plugin's own, else the one from its schema library; undefined if
 * neither provides one. Throws their errors. A plugin without a schema accepts no options.
 */
export async function optionsJsonSchema(
  plugin: Pick<SourcePlugin, "options" | "optionsJsonSchema">,
): Promise<JsonSchema | undefined> {
  if (plugin.optionsJsonSchema !== undefined) return plugin.optionsJsonSchema();
  if (plugin.options === undefined) return { type: "object", properties: {}, additionalProperties: false };
  return plugin.options["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
}
