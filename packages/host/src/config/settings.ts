import { join } from "node:path";
import {
  allowedRuntimes,
  parseDuration,
  parsePlatform,
  type Env,
  type Platform,
  type RuntimeName,
  type SourceByMode,
} from "@molecule/core";
import { configDefaults } from "./config-defaults.js";
import type { Layer } from "./config-layer.js";
import type { Merged } from "./merge-layers.js";
import type { PluginFile } from "./plugin-file.js";
import { explicitOptions, type ExplicitOptions } from "./explicit-options.js";
import { cacheHome } from "./xdg-dirs.js";

/** The configuration as it counts: every layer merged, and where each value came from. */
export interface Settings extends ExplicitOptions {
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
  /** Every value, for people: null stands for what the engine decides. */
  values(): readonly SettingValue[];
}

/** One value that counts, and where it came from. */
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
      ...configDefaults,
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
  const said = explicitOptions(merged);
  return {
    ...said,
    sources: checked.sources,
    plugins: checked.plugins,
    acceptedPlugins: merged.layerOf("plugins")?.acceptedPlugins ?? [],
    runtimes: allowedRuntimes(checked.runtimes.add, said.originOf("runtimes", "add")),
    platform: checked.platform === "" ? undefined : parsePlatform(checked.platform),
    timeoutMs: parseDuration(checked.timeout),
    stallAfterMs: parseDuration(checked.stallAfter),
    cacheDir: checked.cacheDir,
    engine: checked.engine ?? undefined,
    values: () =>
      merged.leaves().map(({ path, value, layer }) => ({
        path: path.join("."),
        value: value === "" ? null : value,
        origin: layer.origin,
      })),
  };
}
