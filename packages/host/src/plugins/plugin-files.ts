import type { PluginFile } from "../layers/plugin-file.js";
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Tree } from "../layers/config-layer.js";
import { describeReadFailure } from "../layers/describe-read-failure.js";
import { shownFile } from "../layers/inline-file.js";
import { pluginNotFound } from "./plugin-failure.js";
import { readRegularFile } from "../layers/read-regular-file.js";

const maxBytes = 16 * 1024 * 1024;

/** Whether an entry of `plugins` is a relative path rather than a package name. */
export function isPluginPath(name: string): boolean {
  return /^\.\.?\//.test(name);
}

/**
 * Reads the plugin files that a configuration file names, in the order listed.
 * Rejects with `PLUGIN_NOT_FOUND` when one is missing or cannot be read.
 * @param values the content of the configuration file
 */
export async function readPluginFiles(values: Tree, configFile: string): Promise<readonly PluginFile[]> {
  const { plugins } = values;
  const names = Array.isArray(plugins) ? plugins.map(String).filter(isPluginPath) : [];
  const files: PluginFile[] = [];
  for (const name of names) files.push(await readPluginFile(name, configFile));
  return files;
}

/** Reads one plugin file. Rejects with `PLUGIN_NOT_FOUND`. */
export async function readPluginFile(name: string, configFile: string): Promise<PluginFile> {
  try {
    const path = await realpath(resolve(dirname(configFile), name));
    const content = await readRegularFile(path, { maxBytes });
    return { name, path, sha256: createHash("sha256").update(content).digest("hex") };
  } catch (error) {
    throw pluginNotFound(
      name,
      `named by ${shownFile(configFile)}; it ${describeReadFailure(error)}`,
      configFile,
    );
  }
}
