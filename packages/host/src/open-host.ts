import { givenPlugins } from "./plugins/collect-plugins.js";
import type { Host, HostOptions } from "./host.js";
import { loadSettings, type SettingsRequest } from "./config/load-settings.js";
import { homeOf } from "@molecule/node-edges";
import { openWithSettings } from "./open-with-settings.js";

/**
 * Reads the environment: configuration, selection, plugins, services. Contacts nothing, and does not care whether the
 * selected source can be used: that is for {@link Host.createProvider}.
 * Rejects with `CONFIG_INVALID` or `CONFIG_UNTRUSTED`.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  return openWithSettings(options, await loadSettings(settingsRequest(options)));
}

/** What the options of a host say of where the configuration is. */
export function settingsRequest(options: HostOptions): SettingsRequest {
  const { cwd, env, config, flags, shipped } = options;
  return {
    cwd,
    env,
    home: options.home ?? homeOf(env),
    configFile: config,
    flags,
    plugins: [...givenPlugins(options.plugins ?? []).values()].map(({ plugin }) => plugin),
    shipped,
  };
}
