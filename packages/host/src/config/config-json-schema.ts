import type { JsonSchema, SourcePlugin } from "@molecule/core";
import { isTree, type Tree } from "../layers/config-layer.js";
import { optionsJsonSchema } from "../options/options-json-schema.js";
import { withoutKeys } from "../layers/unknown-keys.js";

/**
 * Returns the JSON Schema of a configuration file, including the options of these plugins. The schema for the shipped
 * plugins is published as `schema/moleculerc.schema.json`. Options of other sources are not described.
 */
export async function configJsonSchema(plugins: readonly SourcePlugin[]): Promise<JsonSchema> {
  // Imported lazily: it loads the schema library, which ensuring an image does not need.
  const { ownJsonSchema } = await import("./config-schema.js");
  const own = ownJsonSchema();
  const described: Record<string, Tree> = {};
  for (const plugin of plugins) described[plugin.name] = await optionsOf(plugin);
  const properties = isTree(own["properties"]) ? own["properties"] : {};
  const options = isTree(properties["options"]) ? properties["options"] : {};
  return {
    title: "Configuration of molecule-image (.moleculerc)",
    ...own,
    properties: { ...properties, options: { ...options, properties: described } },
  };
}

async function optionsOf(plugin: SourcePlugin): Promise<Tree> {
  const schema = (await optionsJsonSchema(plugin)) ?? { type: "object" };
  // The draft is named once, at the top.
  return { description: `Options of the source ${plugin.name}.`, ...withoutKeys(schema, [["$schema"]]) };
}
