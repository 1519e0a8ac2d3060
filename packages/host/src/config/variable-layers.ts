import { resolve } from "node:path";
import { isImageSourceError, platformSetting, type Env, type SourceManifest } from "@molecule/core";
import { pathVariable } from "@molecule/node-edges";
import type { Layer, Tree } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";

interface Setting {
  readonly origin: string;
  readonly written: string | undefined;
  readonly values: (written: string) => Tree;
  readonly emptyCounts?: true;
}

/** The values that flags may set. Each takes precedence over the corresponding variable. */
export interface Flags {
  readonly platform?: string | undefined;
  /** Absolute paths of working copies, by the runtime whose template they are. Only for a source that builds templates. */
  readonly templates?: Readonly<Record<string, string>> | undefined;
}

const platform = (written: string): Tree => ({ platform: platformSetting(written) ?? "" });

/** Trims whitespace, as the docker CLI does. */
const trimmed = (setting: Setting): Setting => ({ ...setting, written: setting.written?.trim() });

/** The values above the configuration files. */
export interface VariableRequest {
  readonly env: Env;
  /** Absolute; relative paths in variables are relative to it. */
  readonly cwd: string;
  readonly flags: Flags;
  /** The sources whose variables set options. */
  readonly manifests: readonly SourceManifest[];
}

/** Returns the layers of variables that set options of these sources. Empty means unset. */
export function optionLayers(env: Env, manifests: readonly SourceManifest[]): readonly Layer[] {
  return manifests.flatMap(({ name: source, variables = [] }) =>
    variables.flatMap(({ name, option }) => {
      const value = env[name] ?? "";
      if (option === undefined || value === "") return [];
      return [{ origin: `variable ${name}`, values: { options: { [source]: { [option]: value } } } }];
    }),
  );
}

/** Returns the layers of variables and flags, lowest precedence first. Empty means unset, except for the platform. */
export function variableLayers({ env, cwd, flags, manifests }: VariableRequest): {
  readonly layers: readonly Layer[];
  readonly problems: readonly Problem[];
} {
  const variable = (name: string, values: Setting["values"]): Setting => ({
    origin: `variable ${name}`,
    written: env[name],
    values,
  });
  const settings: readonly Setting[] = [
    variable("MOLECULE_LOCAL_BUILD_CACHE", () => {
      const directory = pathVariable(env, "MOLECULE_LOCAL_BUILD_CACHE") ?? ".";
      return { cacheDir: resolve(cwd, directory) };
    }),
    // The engine of a context is resolved later; here the context only overrides an address in a file.
    trimmed(variable("DOCKER_CONTEXT", () => ({ engine: null }))),
    trimmed(variable("DOCKER_HOST", (engine) => ({ engine }))),
    { ...variable("MOLECULE_IMAGE_PLATFORM", platform), emptyCounts: true },
    { origin: "flag --platform", written: flags.platform, values: platform, emptyCounts: true },
  ];

  const layers: Layer[] = [...optionLayers(env, manifests)];
  const problems: Problem[] = [];
  for (const { origin, written, values, emptyCounts } of settings) {
    if (written === undefined || (written === "" && emptyCounts !== true)) continue;
    try {
      layers.push({ origin, values: values(written) });
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      problems.push({ where: origin, path: "", what: `${error.message}; ${error.hint}` });
    }
  }
  return { layers, problems };
}
