import { closestMatch, type Env } from "@molecule/core";
import { isTree } from "./config-layer.js";
import type { ExplicitOptions } from "./explicit-options.js";

/** Every variable of ours. One that is added belongs here, or setting it is warned of. */
export const knownVariables = [
  "MOLECULE_IMAGE_REGISTRY",
  "MOLECULE_IMAGE_PLATFORM",
  "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX",
  "MOLECULE_LOCAL_BUILD_CACHE",
  "MOLECULE_LOCAL_IMAGE_ISOLATION",
  "MOLECULE_GITEA_TOKEN",
  "MOLECULE_CONFIG",
] as const;

const prefix = "MOLECULE_";
/** Those of this repository's tests, which run the command with them. */
const ofTests = /^MOLECULE_(?:TEST_|NO_ENGINE$)/;

export interface UnknownVariable {
  readonly name: string;
  /** The known one that was likely meant. */
  readonly likely: string | undefined;
}

/** The variables that begin like ours, are set, and that neither we nor the options of a source name. */
export function unknownVariables(env: Env, said: ExplicitOptions): readonly UnknownVariable[] {
  const known = new Set<string>([...knownVariables, ...secretVariables(said)]);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && (env[name] ?? "") !== "")
    .filter((name) => !known.has(name) && !ofTests.test(name))
    .sort()
    .map((name) => ({ name, likely: likelyName(name) }));
}

/** By what follows the prefix, which makes all of them alike. */
function likelyName(name: string): string | undefined {
  const rest = knownVariables.map((variable) => variable.slice(prefix.length));
  const likely = closestMatch(name.slice(prefix.length), rest);
  return likely === undefined ? undefined : `${prefix}${likely}`;
}

/** What `secrets: { ID: { env: NAME } }` names. */
function secretVariables(said: ExplicitOptions): readonly string[] {
  return said.optionNames().flatMap((source) => {
    const secrets = said.options(source)?.["secrets"];
    const places = isTree(secrets) ? Object.values(secrets) : [];
    return places.flatMap((place) =>
      isTree(place) && typeof place["env"] === "string" ? [place["env"]] : [],
    );
  });
}
