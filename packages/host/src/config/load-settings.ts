import type { SettingsRequest } from "./read-settings.js";
import type { Settings } from "./settings.js";

export type { SettingsRequest };

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
