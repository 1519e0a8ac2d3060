import { join } from "node:path";
import {
  allowedRuntimes,
  defaultPlatform,
  defaultSources,
  parseDuration,
  parsePlatform,
  type Env,
  type Platform,
  type RuntimeName,
  type SourceByMode,
} from "@molecule/core";
import { isTree, type Layer, type Tree } from "./config-layer.js";
import type { Merged } from "./merge-layers.js";
import type { PluginFile } from "./plugin-files.js";
import { cacheHome } from "./xdg-dirs.js";

/** The configuration as it counts: every layer merged, and where each value came from. */
export interface Settings {
  readonly sources: SourceByMode;
  /** Package names, or paths relative to the file that {@link Settings.fileOf} names for `plugins`. */
  readonly plugins: readonly string[];
  /** The plugin files that count only as they were accepted; empty where the file that names them is the user's own. */
  readonly acceptedPlugins: readonly PluginFile[];
  /** The allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
  /** Undefined: the engine's own. */
  readonly platform: Platform | undefined;
  readonly timeoutMs: number;
  readonly stallAfterMs: number;
  /** Absolute; it need not exist. */
  readonly cacheDir: string;
  /** Address of the engine; undefined: as the docker CLI finds it. */
  readonly engine: string | undefined;
  /** What is configured for a source, without its defaults; undefined when nothing is. */
  options(source: string): Tree | undefined;
  /** The sources that options are configured for, by their names. */
  optionNames(): readonly string[];
  /** `default`, `variable NAME`, `flag --name` or the path of a file. */
  originOf(...path: readonly string[]): string;
  /** The configuration file that a value comes from; undefined when it comes from elsewhere. */
  fileOf(...path: readonly string[]): string | undefined;
  /** Every value, for people: null stands for what the engine decides. */
  values(): readonly SettingValue[];
}

export interface SettingValue {
  /** Dotted. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

/** What counts where nobody says anything. Its order is the order in which values are shown. */
export function defaultLayer(env: Env, home: string): Layer {
  return {
    origin: "default",
    values: {
      sources: { ...defaultSources },
      plugins: [],
      runtimes: { add: [] },
      platform: defaultPlatform,
      timeout: "30m",
      stallAfter: "4m",
      cacheDir: join(cacheHome(env, home), "molecule", "workspace-template-build"),
      engine: null,
    },
  };
}

/** What the layers hold once each has passed its check. */
interface CheckedValues {
  readonly sources: SourceByMode;
  readonly plugins: readonly string[];
  readonly runtimes: { readonly add: readonly string[] };
  readonly platform: string;
  readonly timeout: string;
  readonly stallAfter: string;
  readonly cacheDir: string;
  readonly engine: string | null;
}

/** Types the merged layers. Each of them must have been checked before. */
export function settingsOf(merged: Merged): Settings {
  const checked = merged.at() as CheckedValues;
  const originOf: Settings["originOf"] = (...path) => merged.layerOf(...path)?.origin ?? "default";
  const options = merged.at("options");
  return {
    sources: checked.sources,
    plugins: checked.plugins,
    acceptedPlugins: merged.layerOf("plugins")?.acceptedPlugins ?? [],
    runtimes: allowedRuntimes(checked.runtimes.add, originOf("runtimes", "add")),
    platform: checked.platform === "" ? undefined : parsePlatform(checked.platform),
    timeoutMs: parseDuration(checked.timeout),
    stallAfterMs: parseDuration(checked.stallAfter),
    cacheDir: checked.cacheDir,
    engine: checked.engine ?? undefined,
    options: (source) => {
      const found = merged.at("options", source);
      return isTree(found) ? found : undefined;
    },
    optionNames: () => (isTree(options) ? Object.keys(options) : []),
    originOf,
    fileOf: (...path) => merged.layerOf(...path)?.file,
    values: () =>
      merged.leaves().map(({ path, value, layer }) => ({
        path: path.join("."),
        value: value === "" ? null : value,
        origin: layer.origin,
      })),
  };
}
