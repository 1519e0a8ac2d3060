import { createHash } from "node:crypto";
import type { PluginFile } from "../config/plugin-file.js";

/** A searched file as it is now. */
export interface ProjectFile {
  /** Absolute, without links. */
  readonly path: string;
  readonly content: Uint8Array;
  /** In the order in which the file names them. */
  readonly plugins: readonly PluginFile[];
}

/**
 * `sha256:…` over the file and the plugin files that it names: a line for each of path and content, the file first. A
 * plugin counts by its real path too: what it imports is looked for from there.
 */
export function projectDigest({ path, content, plugins }: ProjectFile): string {
  const own = createHash("sha256").update(content).digest("hex");
  const lines = [[path, own], ...plugins.map((plugin) => [plugin.path, plugin.sha256])];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
