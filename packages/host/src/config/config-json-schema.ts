import type { JsonSchema, SourcePlugin } from "@molecule/core";
import { isTree, type Tree } from "./config-layer.js";
import { optionsJsonSchema } from "./options-json-schema.js";
import { withoutKeys } from "./unknown-keys.js";

/**
 * The JSON Schema of a configuration file, with the options of these plugins as they describe them. The one for the
 * shipped plugins is published as `schema/moleculerc.schema.json`. Options of any other source are not described.
 */
export async function configJsonSchema(plugins: readonly SourcePlugin[]): Promise<JsonSchema> {
  // Costs the schema library: late, for nobody needs this to get an image.
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
  // The draft is said once, at the top.
  return { description: `Options of the source ${plugin.name}.`, ...withoutKeys(schema, [["$schema"]]) };
}
