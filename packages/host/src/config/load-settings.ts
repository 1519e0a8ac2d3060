import type { Env, SourcePlugin } from "@molecule/core";
import type { InlineSettings } from "./inline-settings.js";
import type { Settings } from "./settings.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import type { Flags } from "./variable-layers.js";

/** The places to read the configuration from. */
export interface SettingsRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  readonly home: string;
  /** A file to use instead of searching; outranks `MOLECULE_CONFIG`. `false`: no file is read. */
  readonly configFile?: string | false | undefined;
  /** Settings in place of a project file. */
  readonly settings?: InlineSettings | undefined;
  readonly flags?: Flags | undefined;
  /** Loaded plugins, which check their options in every file. A project file may select them without trust. */
  readonly plugins: readonly SourcePlugin[];
  /** Shipped plugins, imported when a file has options for them. */
  readonly shipped?: ShippedPlugins | undefined;
  /** `user`: no project file or inline settings. `none`: no files, and invalid variables are ignored. Default: `all`. */
  readonly files?: "all" | "user" | "none" | undefined;
}

/**
 * Reads and merges every layer. Rejects with one `CONFIG_INVALID` that lists all problems, or with `CONFIG_UNTRUSTED`
 * when a file found by searching sets keys that require trust and the user has not trusted its current content.
 * Executes nothing.
 */
export async function loadSettings(request: SettingsRequest): Promise<Settings> {
  // Loaded late, as openHost does.
  const { readSettings } = await import("./read-settings.js");
  return readSettings(request);
}
