import type { JsonSchema } from "@molecule/core";
import * as v from "valibot";

const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const notServed = "is not served by this version";

/** `options.registry-pull` of the configuration. */
export const registryOptions = v.strictObject({
  tag: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(tag, "is not a tag")), "latest"),
    v.description("The tag that is pulled."),
  ),
  pullPolicy: v.pipe(
    v.optional(
      v.picklist(["missing", "always", "never"], `must be missing, always or never; every_… ${notServed}`),
      "missing",
    ),
    v.description("`missing`, `always` or `never`. `every_…` is not served in this version."),
  ),
  // Accepted by the configuration's schema, not served yet: a pin that is ignored would be a lie.
  pins: v.pipe(v.optional(v.strictObject({}, notServed), {}), v.description("Not served in this version.")),
});

export type RegistryOptions = v.InferOutput<typeof registryOptions>;

/** The same as a JSON Schema, for editors and hints. What makes it is loaded only here. */
export async function registryOptionsJsonSchema(): Promise<JsonSchema> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  return {
    ...toJsonSchema(registryOptions, { target: "draft-2020-12", typeMode: "input", errorMode: "ignore" }),
  };
}
