import { parseRuntimeName, tryParse, type JsonSchema } from "@molecule/core";
import { verifyOption } from "@molecule/signatures";
import * as v from "valibot";
import { defaultPolicy, parsePullPolicy } from "./pull-policy.js";

const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const policies = "must be missing, always, never or every_DURATION, such as every_6h";

const policy = v.pipe(
  v.string(policies),
  v.regex(/^(?:missing|always|never|every_[1-9][0-9]*(?:ms|s|m|h|d))$/, policies),
  v.check((written) => tryParse(parsePullPolicy, written) !== undefined, "must be at most every_24d"),
);
const runtime = v.pipe(
  v.string(),
  v.check((name) => tryParse(parseRuntimeName, name) !== undefined, "is not a runtime name"),
);

/** Rejects a list, which would pass as a map with the runtimes 0, 1 and so on. */
const notList = v.optional(v.custom((value) => !Array.isArray(value), "must be a map, not a list"));
const notLists = v.looseObject({ pullPolicy: notList, pins: notList });

const options = v.strictObject({
  tag: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(tag, "is not a tag")), "latest"),
    v.description("The tag to pull."),
  ),
  pullPolicy: v.pipe(
    v.optional(
      v.union(
        [policy, v.record(runtime, policy)],
        `${policies}, or a map from runtimes and \`default\` to these`,
      ),
      defaultPolicy,
    ),
    v.description(
      "When to contact the registry: `missing`, `always`, `never`, or `every_6h` (if the last pull is older; any duration). Or a map from runtimes, and `default`, to these.",
    ),
  ),
  pins: v.pipe(
    v.optional(
      v.record(
        runtime,
        v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits")),
      ),
      {},
    ),
    v.description(
      "Map from runtimes to image digests (`sha256:…`). A pinned runtime uses exactly that image, whatever the tag.",
    ),
  ),
  verify: v.pipe(
    v.optional(verifyOption),
    v.description(
      "The required signer of images: `{ key: FILE }` (a public key) or `{ identity, issuer }`. The `cosign` command verifies the signature of a digest, and exactly that digest is pulled.",
    ),
  ),
  whenRegistryIsDown: v.pipe(
    v.optional(v.picklist(["fail", "last-good"]), "fail"),
    v.description(
      "`last-good`: if a due pull cannot reach the registry, the local image of that reference is used, with a warning and `stale: true`. Never with a pin. `refresh` still fails.",
    ),
  ),
});

/** `options.registry-pull` of the configuration. */
export const registryOptions = v.pipe(notLists, options);

export type RegistryOptions = v.InferOutput<typeof registryOptions>;

/** Returns the same schema as a JSON Schema, for editors and hints. Loads the generator only here. */
export async function registryOptionsJsonSchema(): Promise<JsonSchema> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  return {
    ...toJsonSchema(options, { target: "draft-2020-12", typeMode: "input", errorMode: "ignore" }),
  };
}
