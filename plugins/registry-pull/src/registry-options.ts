import * as v from "valibot";

const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const notServed = "is not served by this version";

/** `options.registry-pull` of the configuration. */
export const registryOptions = v.strictObject({
  tag: v.optional(v.pipe(v.string(), v.regex(tag, "is not a tag")), "latest"),
  pullPolicy: v.optional(
    v.picklist(["missing", "always", "never"], `must be missing, always or never; every_… ${notServed}`),
    "missing",
  ),
  // Accepted by the configuration's schema, not served yet: a pin that is ignored would be a lie.
  pins: v.optional(v.strictObject({}, notServed), {}),
});

export type RegistryOptions = v.InferOutput<typeof registryOptions>;
