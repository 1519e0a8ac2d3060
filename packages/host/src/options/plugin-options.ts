import type { OptionsIssue, OptionsResult, SourcePlugin } from "@molecule/core";
import type { Tree } from "../layers/config-layer.js";
import { refuseProblems, type Problem } from "../layers/config-problem.js";
import { optionsJsonSchema } from "./options-json-schema.js";
import { configuredOptions } from "./configured-options.js";
import { listProblems, listsForMaps } from "../layers/lists-for-maps.js";
import { plainSchemaMessage } from "../layers/plain-schema-message.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";
import { pluginBroken } from "../plugins/plugin-failure.js";
import type { ExplicitOptions } from "../layers/explicit-options.js";
import { unknownKeyProblem, unknownKeys, withoutKeys } from "../layers/unknown-keys.js";

/**
 * Returns a source's options as parsed by its schema, including defaults.
 * Rejects with `CONFIG_INVALID`, listing every problem, or with `PLUGIN_BROKEN` when the schema throws.
 */
export async function pluginOptions(plugin: SourcePlugin, explicit: ExplicitOptions): Promise<unknown> {
  const configured = configuredOptions(plugin, explicit);
  const result = await validate(plugin, configured);
  if (result.issues === undefined) return result.value;
  refuseProblems(await problemsOf(plugin, configured, result.issues, explicit));
  throw refusesSilently(plugin);
}

/** Returns every problem with a source's configured options. Rejects with `PLUGIN_BROKEN`. */
export async function optionProblems(
  plugin: SourcePlugin,
  explicit: ExplicitOptions,
): Promise<readonly Problem[]> {
  const configured = configuredOptions(plugin, explicit);
  const { issues } = await validate(plugin, configured);
  if (issues === undefined) return [];
  const problems = await problemsOf(plugin, configured, issues, explicit);
  if (problems.length === 0) throw refusesSilently(plugin);
  return problems;
}

async function validate({ name, options }: SourcePlugin, configured: Tree): Promise<OptionsResult<unknown>> {
  if (options === undefined) {
    const issues = Object.keys(configured).map((key) => ({
      message: `the source ${name} takes no options`,
      path: [key],
    }));
    return issues.length === 0 ? { value: {} } : { issues };
  }
  try {
    return await options["~standard"].validate(configured);
  } catch (error) {
    throw pluginBroken(`the options schema of ${name}`, error);
  }
}

/*
 * Schema libraries report unknown keys differently, none suggests the closest match, and valibot accepts a list as an
 * object. So unknown keys and such lists are found with the JSON Schema, if available, and the library validates the rest
 * again.
 */
async function problemsOf(
  plugin: SourcePlugin,
  configured: Tree,
  issues: readonly OptionsIssue[],
  explicit: ExplicitOptions,
): Promise<readonly Problem[]> {
  const above = ["options", plugin.name];
  // Without a JSON Schema, only the suggestion is lost.
  const schema =
    plugin.options === undefined ? undefined : await optionsJsonSchema(plugin).catch(() => undefined);
  const isPublished = shippedManifests.some(({ name }) => name === plugin.name);
  const lists = listsForMaps(configured, schema);
  const unknown = unknownKeys(configured, schema);
  const reported = [...lists.map(({ path }) => path), ...unknown];
  const rest =
    reported.length === 0 ? issues : (await validate(plugin, withoutKeys(configured, reported))).issues;
  return [
    ...listProblems(
      lists.map(({ path, wanted }) => ({ path: [...above, ...path], wanted })),
      (path) => placeOf(path, explicit),
    ),
    ...unknown.map((path) =>
      unknownKeyProblem(path, schema, { where: placeOf([...above, ...path], explicit), above, isPublished }),
    ),
    ...(rest ?? []).map(({ message, path = [] }) => {
      const full = [...above, ...path.map((part) => String(typeof part === "object" ? part.key : part))];
      return { where: placeOf(full, explicit), path: full.join("."), what: plainSchemaMessage(message) };
    }),
  ];
}

/** Returns the origin of the value, or of its nearest configured parent. */
function placeOf(path: readonly string[], explicit: ExplicitOptions): string {
  const place = path
    .map((_, index) => path.slice(0, path.length - index))
    .find((at) => explicit.originOf(...at) !== "default");
  return explicit.originOf(...(place ?? path));
}

function refusesSilently({ name }: SourcePlugin): Error {
  return pluginBroken(`the options schema of ${name}`, new Error("it rejects the options without an issue"));
}
