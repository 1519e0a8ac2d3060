import type { Env, SourcePlugin } from "@molecule/core";
import type { ShippedPlugins } from "./plugins/shipped-plugins.js";
import type { TrustedFile } from "./trust/trusted-files.js";

/** The file to trust. */
export interface TrustRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  /** Relative to `cwd`. Default: the file found by searching from `cwd`. */
  readonly file?: string | undefined;
  /** Default: `HOME` of the environment, else the user's home directory. */
  readonly home?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Loaded plugins, which check the file's options for them. */
  readonly plugins?: readonly SourcePlugin[] | undefined;
  /** Shipped plugins, imported when the file has options for them. */
  readonly shipped?: ShippedPlugins | undefined;
}

/**
 * Records that the user trusts the current content of a project file and of the plugin files that it names. Idempotent.
 * Rejects with `CONFIG_INVALID` when the file does not exist or could not be used; with `PLUGIN_NOT_FOUND` when a
 * plugin file is missing; with `STORAGE_UNUSABLE` when the record cannot be written. Executes nothing.
 */
export async function trustProjectFile(request: TrustRequest): Promise<TrustedFile> {
  // Loaded late, as openHost does.
  const { trustFile } = await import("./trust/trust-file.js");
  return trustFile(request);
}
