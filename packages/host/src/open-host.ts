import type { Host, HostOptions } from "./contract/host.js";

/**
 * Loads the configuration, plugins and services of an environment. Contacts nothing. Whether the selected source can be
 * used is checked by {@link Host.createProvider}.
 * Rejects with `CONFIG_INVALID` or `CONFIG_UNTRUSTED`, and with a `TypeError` if an option is missing.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  // Loaded late: an application imports this package at its start, and may open a host much later.
  const { openConfiguredHost } = await import("./open-configured-host.js");
  return openConfiguredHost(options);
}
