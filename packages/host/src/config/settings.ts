import { join } from "node:path";
import {
  allowedRuntimes,
  parseDuration,
  platformSetting,
  type Env,
  type MillisecondsByRuntime,
  type Platform,
  type RuntimeName,
  type SourceByMode,
  type SourceManifest,
} from "@molecule/core";
import { configDefaults } from "./config-defaults.js";
import type { Layer } from "../layers/config-layer.js";
import { refuseProblems } from "../layers/config-problem.js";
import { mergeLayers } from "../layers/merge-layers.js";
import type { PluginFile } from "../layers/plugin-file.js";
import { explicitOptions, type ExplicitOptions } from "../layers/explicit-options.js";
import { runtimeMaps } from "../options/runtime-maps.js";
import { unknownRuntimes } from "./unknown-runtimes.js";
import { optionLayers } from "./variable-layers.js";
import { cacheHome } from "../layers/xdg-dirs.js";

/** The effective configuration: all layers merged, with the origin of each value. */
export interface Settings extends ExplicitOptions {
  readonly sources: SourceByMode;
  /** Package names, or paths relative to the file that {@link Settings.fileOf} names for `plugins`. */
  readonly plugins: readonly string[];
  /** The plugin files as the user trusted them; empty if the file that names them is trusted itself. */
  readonly acceptedPlugins: readonly PluginFile[];
  /** The runtime allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
  /** Undefined for the engine's own. */
  readonly platform: Platform | undefined;
  readonly timeoutMs: MillisecondsByRuntime;
  readonly stallAfterMs: MillisecondsByRuntime;
  /** Absolute; it need not exist. */
  readonly cacheDir: string;
  /** Address of the engine; undefined for the one that the docker CLI uses. */
  readonly engine: string | undefined;
  /**
   * Returns these settings with what configured plugins declare, which is unknown until they are loaded: the variables
   * that set their options. Throws `CONFIG_INVALID` for a runtime in their options that is not allowed.
   * @param above layers of higher precedence that depend on the declarations
   */
  withDeclarations(manifests: readonly SourceManifest[], above?: readonly Layer[]): Settings;
  /** Returns every value for display. Null means that the engine decides. */
  values(): readonly SettingValue[];
}

/** An effective value and where it came from. */
export interface SettingValue {
  /** The dotted path of the key. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

/** Returns the defaults. Their order is the order in which values are shown. */
export function defaultLayer(env: Env, home: string): Layer {
  return {
    origin: "default",
    values: {
      ...configDefaults,
      cacheDir: join(cacheHome(env, home), "molecule", "workspace-template-build"),
      engine: null,
    },
  };
}

/** Layers are merged over the defaults, so that a map has a `default`. */
type Durations = string | ({ readonly default: string } & Readonly<Record<string, string>>);

/** The type of the merged layers after validation. */
interface CheckedValues {
  readonly sources: SourceByMode;
  readonly plugins: readonly string[];
  readonly runtimes: { readonly add: readonly string[] };
  readonly platform: string;
  readonly timeout: Durations;
  readonly stallAfter: Durations;
  readonly cacheDir: string;
  readonly engine: string | null;
}

/**
 * Creates the settings from layers, lowest precedence first. Each layer must have been validated.
 * @param env the variables, for options of plugins that are loaded later
 * @param known the sources whose declarations apply
 */
export function settingsOf(layers: readonly Layer[], env: Env, known: readonly SourceManifest[]): Settings {
  const merged = mergeLayers(layers, runtimeMaps(known));
  const checked = merged.at() as CheckedValues;
  const explicit = explicitOptions(merged);
  return {
    ...explicit,
    sources: checked.sources,
    plugins: checked.plugins,
    acceptedPlugins: merged.layerOf("plugins")?.acceptedPlugins ?? [],
    runtimes: allowedRuntimes(checked.runtimes.add, explicit.originOf("runtimes", "add")),
    platform: platformSetting(checked.platform),
    timeoutMs: millisecondsOf(checked.timeout),
    stallAfterMs: millisecondsOf(checked.stallAfter),
    cacheDir: checked.cacheDir,
    engine: checked.engine ?? undefined,
    withDeclarations: (manifests, above = []) => {
      refuseProblems(unknownRuntimes(layers, manifests));
      // The layers already contain the variables of known plugins.
      const added = manifests.filter((manifest) => !known.includes(manifest));
      const kept = known.filter(({ name }) => !added.some((manifest) => manifest.name === name));
      return settingsOf([...layers, ...optionLayers(env, added), ...above], env, [...kept, ...added]);
    },
    values: () =>
      merged.leaves().map(({ path, value, layer }) => ({
        path: path.join("."),
        value: isEngineDecided(path, value) ? null : value,
        origin: layer.origin,
      })),
  };
}

/** Whether the engine decides the value. */
function isEngineDecided(path: readonly string[], value: unknown): boolean {
  return value === "" || (path.join(".") === "platform" && platformSetting(String(value)) === undefined);
}

function millisecondsOf(durations: Durations): MillisecondsByRuntime {
  if (typeof durations === "string") return parseDuration(durations);
  const parsed = Object.entries(durations).map(
    ([name, duration]) => [name, parseDuration(duration)] as const,
  );
  return { default: parseDuration(durations.default), ...Object.fromEntries(parsed) };
}
