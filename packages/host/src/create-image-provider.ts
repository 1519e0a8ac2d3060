import type { HostImageProvider, HostOptions } from "./contract/host.js";
import { openHost } from "./open-host.js";

/**
 * Creates an image provider from an environment. Contacts nothing.
 * Rejects with `CONFIG_INVALID`, `CONFIG_UNTRUSTED`, `PLUGIN_NOT_FOUND`, `PLUGIN_BROKEN` or `PLUGIN_INVALID`,
 * and with a `TypeError` if an option is missing.
 */
export async function createImageProvider(options: HostOptions): Promise<HostImageProvider> {
  const host = await openHost(options);
  try {
    return await host.createProvider();
  } catch (error) {
    await host.close();
    throw error;
  }
}
