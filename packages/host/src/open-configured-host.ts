import { givenPlugins } from "./selection/collect-plugins.js";
import { checkHostOptions } from "./contract/check-host-options.js";
import type { Host, HostOptions } from "./contract/host.js";
import type { SettingsRequest } from "./config/load-settings.js";
import { readSettings } from "./config/read-settings.js";
import { homeOf } from "@molecule/node-edges";
import { openWithSettings } from "./open-with-settings.js";

/** As `openHost`. */
export async function openConfiguredHost(options: HostOptions): Promise<Host> {
  return openWithSettings(options, await readSettings(settingsRequest(options)), "log");
}

/** Returns the settings request for the options of a host. Throws a `TypeError` for options that cannot be used. */
export function settingsRequest(options: HostOptions): SettingsRequest {
  checkHostOptions(options);
  const { cwd, env, config, settings, flags, shipped } = options;
  return {
    cwd,
    env,
    home: options.home ?? homeOf(env),
    configFile: config,
    settings,
    flags,
    plugins: [...givenPlugins(options.plugins ?? []).values()].map(({ plugin }) => plugin),
    shipped,
  };
}
