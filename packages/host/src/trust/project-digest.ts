import { createHash } from "node:crypto";
import type { PluginFile } from "../layers/plugin-file.js";

/** The current content of a project file. */
export interface ProjectFile {
  /** Absolute, without links. */
  readonly path: string;
  readonly content: Uint8Array;
  /** In the order in which the file names them. */
  readonly plugins: readonly PluginFile[];
}

/**
 * Returns a `sha256:…` digest of the file and the plugin files that it names: one line with path and content hash for
 * each, the file first. It includes each plugin's real path, because its imports are resolved from there.
 */
export function projectDigest({ path, content, plugins }: ProjectFile): string {
  const own = createHash("sha256").update(content).digest("hex");
  const lines = [[path, own], ...plugins.map((plugin) => [plugin.path, plugin.sha256])];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
