import type { TrustRequest } from "./trust-file.js";
import type { TrustedFile } from "./trust/trusted-files.js";

export type { TrustRequest };

/**
 * Records that the user trusts the current content of a project file and of the plugin files that it names. Idempotent.
 * Rejects with `CONFIG_INVALID` when the file does not exist or could not be used; with `PLUGIN_NOT_FOUND` when a
 * plugin file is missing; with `STORAGE_UNUSABLE` when the record cannot be written. Executes nothing.
 */
export async function trustProjectFile(request: TrustRequest): Promise<TrustedFile> {
  // Loaded late, as openHost does.
  const { trustFile } = await import("./trust-file.js");
  return trustFile(request);
}
