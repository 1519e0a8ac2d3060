import { closestMatch, type Env, type SourceManifest } from "@molecule/core";
import { isTree } from "../layers/config-layer.js";
import { webhookSecretVariable } from "./webhook-secret.js";
import type { ExplicitOptions } from "../layers/explicit-options.js";

/** The host's own variables. Sources declare theirs. */
const ownVariables = [
  "MOLECULE_IMAGE_REGISTRY",
  "MOLECULE_IMAGE_PLATFORM",
  "MOLECULE_LOCAL_BUILD_CACHE",
  "MOLECULE_CONFIG",
  webhookSecretVariable,
] as const;

/** Returns every variable with our prefix. Setting any other logs a warning. */
export function knownVariables(manifests: readonly SourceManifest[]): readonly string[] {
  const declared = manifests.flatMap(({ variables = [] }) => variables.map(({ name }) => name));
  return [...new Set([...ownVariables, ...declared.filter((name) => name.startsWith(prefix))])];
}

const prefix = "MOLECULE_";
/** Variables of this repository's tests, which also reach the command. */
const ofTests = /^MOLECULE_(?:TEST_|NO_ENGINE$)/;

export interface UnknownVariable {
  readonly name: string;
  /** The closest known variable. */
  readonly likely: string | undefined;
}

/** Returns the set variables with our prefix that are neither known nor named in a source's options. */
export function unknownVariables(
  env: Env,
  explicit: ExplicitOptions,
  manifests: readonly SourceManifest[],
): readonly UnknownVariable[] {
  const variables = knownVariables(manifests);
  const known = new Set<string>([...variables, ...namedVariables(explicit, manifests)]);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && (env[name] ?? "") !== "")
    .filter((name) => !known.has(name) && !ofTests.test(name))
    .sort()
    .map((name) => ({ name, likely: likelyName(name, variables) }));
}

/** Compares without the shared prefix, which would make all names similar. */
function likelyName(name: string, known: readonly string[]): string | undefined {
  const rest = known.map((variable) => variable.slice(prefix.length));
  const likely = closestMatch(name.slice(prefix.length), rest);
  return likely === undefined ? undefined : `${prefix}${likely}`;
}

/** Returns the variables that the sources' options name, such as `secrets: { ID: { env: NAME } }`. */
function namedVariables(explicit: ExplicitOptions, manifests: readonly SourceManifest[]): readonly string[] {
  return manifests.flatMap(({ name, optionVariables = [] }) =>
    optionVariables.flatMap((path) => textsAt(explicit.options(name), path.split("."))),
  );
}

function textsAt(value: unknown, [key, ...rest]: readonly string[]): readonly string[] {
  if (key === undefined) return typeof value === "string" ? [value] : [];
  if (!isTree(value)) return [];
  const below = key === "*" ? Object.values(value) : Object.hasOwn(value, key) ? [value[key]] : [];
  return below.flatMap((one) => textsAt(one, rest));
}
