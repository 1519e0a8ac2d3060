import {
  callOptions,
  capabilityMethods,
  closestMatch,
  parseImageReference,
  pluginApiVersions,
  tryParse,
  type SourcePlugin,
} from "@molecule/core";
import { isTree } from "../layers/config-layer.js";
import { pluginInvalid, pluginOutOfRange } from "./plugin-failure.js";

/** Versions of the plugin interface, both ends included. */
interface VersionRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * Returns the value as a plugin. Throws `PLUGIN_INVALID`, naming the missing or wrong member.
 * @param exported a plugin, or the CommonJS form of a module that default-exports one
 * @param served the supported versions of the plugin interface
 */
export function checkPlugin(
  exported: unknown,
  place: string,
  served: VersionRange = pluginApiVersions,
): SourcePlugin {
  const refuse = (what: string): never => {
    throw pluginInvalid(place, what);
  };
  const value = defaultOf(exported);
  if (value === undefined) return refuse("it has no default export");
  if (!isTree(value))
    return refuse(
      `its default export is ${value === null ? "null" : `a ${typeof value}`}, not a plugin object`,
    );
  const { name, apiVersion } = value;
  if (typeof name !== "string" || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) {
    return refuse(`name is ${shown(name)}, not a name of lower-case letters, digits and single dashes`);
  }
  if (!Number.isInteger(apiVersion))
    return refuse(`apiVersion of ${name} is ${shown(apiVersion)}, not a whole number`);
  // Checked first: the version determines the other members.
  refuseOutOfRange(name, apiVersion as number, served, place);
  const wrong = wrongMember(name, value);
  return wrong === undefined ? (value as unknown as SourcePlugin) : refuse(wrong);
}

/** Compilers turn `export default` into a member of a CommonJS module; `require` and `import` return the whole module. */
function defaultOf(exported: unknown): unknown {
  return isTree(exported) && exported["__esModule"] === true ? exported["default"] : exported;
}

function refuseOutOfRange(
  name: string,
  version: number,
  { oldest, newest }: VersionRange,
  place: string,
): void {
  if (version >= oldest && version <= newest) return;
  const host = oldest === newest ? String(newest) : `${String(oldest)} to ${String(newest)}`;
  const update =
    version > newest
      ? `Update molecule-image, or install a release of ${name} for apiVersion ${String(newest)}.`
      : `Update ${name} to a release for apiVersion ${String(newest)}.`;
  throw pluginOutOfRange(place, `${name} is written for apiVersion ${String(version)}`, host, update);
}

function wrongMember(name: string, plugin: Readonly<Record<string, unknown>>): string | undefined {
  const { modes, create, options, version, imageNames } = plugin;
  if (
    !Array.isArray(modes) ||
    modes.length === 0 ||
    !modes.every((mode) => mode === "registry" || mode === "local")
  ) {
    return `modes of ${name} is ${shown(modes)}, not a list of "registry" and "local"`;
  }
  if (typeof create !== "function") return `create of ${name} is ${shown(create)}, not a function`;
  if (version !== undefined && typeof version !== "string")
    return `version of ${name} is ${shown(version)}, not a string`;
  if (imageNames !== undefined && (typeof imageNames !== "string" || !isStartOfNames(imageNames)))
    return `imageNames of ${name} is ${shown(imageNames)}, not the start of an image reference such as "acme/"`;
  for (const [member, { isItem, what }] of Object.entries(lists)) {
    const value = plugin[member];
    if (value !== undefined && !(Array.isArray(value) && value.every(isItem)))
      return `${member} of ${name} is ${shown(value)}, not a list of ${what}`;
  }
  for (const [member, known, what] of [
    ["capabilities", Object.keys(capabilityMethods), "a capability"],
    ["callOptions", callOptions, "an option of a call"],
  ] as const) {
    const unknown = unknownItem(plugin[member], known);
    if (unknown !== undefined)
      return `${member} of ${name}: ${shown(unknown)} is not ${what}${meant(unknown, known)}`;
  }
  if (options !== undefined && !isStandardSchema(options)) {
    return `options of ${name} is not a Standard Schema (an object with ~standard, version 1 and validate)`;
  }
  return undefined;
}

const isStartOfNames = (start: string): boolean => tryParse(parseImageReference, `${start}x:1`) !== undefined;
const isText = (value: unknown): boolean => typeof value === "string";
const hasText = (value: unknown, key: string): boolean => isTree(value) && isText(value[key]);

const hasUsableWorkingCopy = (value: unknown): boolean => {
  const declared = isTree(value) ? value["workingCopy"] : undefined;
  if (declared === undefined) return true;
  const replaces = isTree(declared) ? (declared["replaces"] ?? []) : undefined;
  return hasText(declared, "path") && Array.isArray(replaces) && replaces.every(isText);
};

/** The members that are lists, with the type of their items. */
const lists: Readonly<
  Record<string, { readonly isItem: (value: unknown) => boolean; readonly what: string }>
> = {
  capabilities: { isItem: isText, what: "capabilities" },
  callOptions: { isItem: isText, what: "options of a call" },
  variables: { isItem: (value) => hasText(value, "name"), what: "{ name }" },
  optionPaths: { isItem: isText, what: "dotted paths" },
  optionVariables: { isItem: isText, what: "dotted paths" },
  runtimeOptions: {
    isItem: (value) => hasText(value, "option") && hasUsableWorkingCopy(value),
    what: "{ option } entries; a workingCopy is { path, replaces: [...] }",
  },
  harmlessOptions: { isItem: isText, what: "names of options" },
};

function unknownItem(declared: unknown, known: readonly string[]): string | undefined {
  // Checked above to be a list of texts.
  return ((declared ?? []) as readonly string[]).find((one) => !known.includes(one));
}

function meant(unknown: string, known: readonly string[]): string {
  const likely = closestMatch(unknown, known);
  return likely === undefined ? "" : ` (did you mean ${shown(likely)}?)`;
}

function isStandardSchema(value: unknown): boolean {
  // Some libraries implement schemas as functions.
  const standard =
    isTree(value) || typeof value === "function"
      ? (value as Readonly<Record<string, unknown>>)["~standard"]
      : undefined;
  return isTree(standard) && standard["version"] === 1 && typeof standard["validate"] === "function";
}

/** Returns a short description of a value for messages. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  // JSON.stringify returns undefined for functions and symbols.
  const text = JSON.stringify(value) as string | undefined;
  return text?.slice(0, 80) ?? `a ${typeof value}`;
}
