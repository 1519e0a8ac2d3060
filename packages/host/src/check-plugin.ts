import { pluginApiVersion, type SourcePlugin } from "@molecule/core";
import { isTree } from "./config-layer.js";
import { pluginInvalid } from "./plugin-failure.js";

/** Answers the value as a plugin, or throws `PLUGIN_INVALID` that says what is missing or wrong. */
export function checkPlugin(value: unknown, place: string): SourcePlugin {
  const wrong = whatIsWrong(value);
  if (wrong !== undefined) throw pluginInvalid(place, wrong);
  return value as SourcePlugin;
}

function whatIsWrong(value: unknown): string | undefined {
  if (value === undefined) return "it has no default export";
  if (!isTree(value))
    return `its default export is ${value === null ? "null" : `a ${typeof value}`}, not an object`;
  const { name, apiVersion, modes, create, options, version } = value;
  if (typeof name !== "string" || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) {
    return `name is ${shown(name)}, not a name of lower-case letters, digits and single dashes`;
  }
  if (apiVersion !== pluginApiVersion) {
    return `${name} speaks apiVersion ${shown(apiVersion)}, this host ${String(pluginApiVersion)}`;
  }
  if (
    !Array.isArray(modes) ||
    modes.length === 0 ||
    !modes.every((mode) => mode === "registry" || mode === "local")
  ) {
    return `modes of ${name} is ${shown(modes)}, not a list of "registry" and "local"`;
  }
  if (typeof create !== "function") return `create of ${name} is ${shown(create)}, not a function`;
  if (version !== undefined && typeof version !== "string")
    return `version of ${name} is ${shown(version)}, not a text`;
  if (options !== undefined && !isStandardSchema(options)) {
    return `options of ${name} is no Standard Schema (an object with ~standard, version 1 and validate)`;
  }
  return undefined;
}

function isStandardSchema(value: unknown): boolean {
  // Some libraries make their schemas as functions.
  const schema = typeof value === "function" ? (value as unknown as Record<string, unknown>) : value;
  const standard =
    isTree(schema) || typeof schema === "function"
      ? (schema as Record<string, unknown>)["~standard"]
      : undefined;
  return isTree(standard) && standard["version"] === 1 && typeof standard["validate"] === "function";
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  // What JSON cannot say, a function for one, has no text.
  const text = JSON.stringify(value) as string | undefined;
  return text?.slice(0, 80) ?? `a ${typeof value}`;
}
