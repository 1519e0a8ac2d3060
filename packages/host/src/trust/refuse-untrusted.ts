import { configUntrusted } from "../layers/config-untrusted.js";
import type { ImageSourceError } from "@molecule/core";
import { type SourceManifest } from "@molecule/core";
import type { Layer, Tree } from "../layers/config-layer.js";
import { readPluginFiles } from "../plugins/plugin-files.js";
import type { PluginFile } from "../layers/plugin-file.js";
import { projectDigest } from "./project-digest.js";
import { readTrustedFiles } from "./trusted-files.js";
import { untrustedKeys } from "./trusted-keys.js";

export interface Acceptance {
  /** The project file; links in its `file` are resolved. */
  readonly project: Layer & { readonly file: string };
  /** The content that the layer was parsed from. */
  readonly content: Uint8Array;
  /** The values of the user file. */
  readonly user: Tree;
  /** The sources that are available without loading a plugin. */
  readonly sources: ReadonlySet<string>;
  /** The sources whose options are known without loading a plugin. */
  readonly manifests: readonly SourceManifest[];
  /** The path of the record of trusted files. */
  readonly place: string;
}

/**
 * Returns the plugin files that the project file names, as the user trusted them. Rejects with `CONFIG_UNTRUSTED` when
 * the file sets keys that require trust and the user has not trusted its current content; with `CONFIG_INVALID` when
 * the record of trusted files is invalid.
 */
export async function refuseUntrusted(acceptance: Acceptance): Promise<readonly PluginFile[]> {
  const { project, content, user, sources, manifests, place } = acceptance;
  const keys = untrustedKeys({ project: project.values, user, sources, manifests });
  if (keys.length === 0) return [];
  const sets = `sets keys that require trust: ${keys.join(", ")}`;
  const accepted = (await readTrustedFiles(place)).find(({ path }) => path === project.file);
  if (accepted === undefined) {
    throw configUntrusted(project.origin, `${project.origin} was found by searching and ${sets}`);
  }
  const changed = (cause?: unknown): ImageSourceError =>
    configUntrusted(
      project.origin,
      `${project.origin}, or a plugin file that it names, has changed since it was trusted, and it ${sets}`,
      cause,
    );
  const plugins = await readPluginFiles(project.values, project.file).catch((error: unknown) => {
    throw changed(error);
  });
  if (projectDigest({ path: project.file, content, plugins }) !== accepted.digest) throw changed();
  return plugins;
}
