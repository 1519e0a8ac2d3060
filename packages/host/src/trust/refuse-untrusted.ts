import { ImageSourceError } from "@molecule/core";
import { shellWord } from "@molecule/node-edges";
import type { Layer, Tree } from "../config/config-layer.js";
import { readPluginFiles } from "../plugins/plugin-files.js";
import { type PluginFile } from "../config/plugin-file.js";
import { projectDigest } from "./project-digest.js";

import { readTrustedFiles } from "./trusted-files.js";
import { untrustedKeys } from "./trusted-keys.js";

export interface Acceptance {
  /** The searched file, its `file` without links. */
  readonly project: Layer & { readonly file: string };
  /** What the layer was made of. */
  readonly content: Uint8Array;
  /** What the user file says. */
  readonly user: Tree;
  /** The sources that need no looking up. */
  readonly sources: ReadonlySet<string>;
  /** Where the accepted files are recorded. */
  readonly place: string;
}

/**
 * Answers the plugin files that the project file names, as they were accepted. Rejects with `CONFIG_UNTRUSTED` when it
 * holds keys that count only once the user has accepted it, and it was not accepted as it is now; with
 * `CONFIG_INVALID` when the record of what was accepted cannot be believed.
 */
export async function refuseUntrusted(acceptance: Acceptance): Promise<readonly PluginFile[]> {
  const { project, content, user, sources, place } = acceptance;
  const keys = untrustedKeys({ project: project.values, user, sources });
  if (keys.length === 0) return [];
  const sets = `sets what only a trusted file may set: ${keys.join(", ")}`;
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

/** The user has to say first that what the file says may count. */
export function configUntrusted(file: string, message: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "CONFIG_UNTRUSTED",
    message,
    hint: `Review it, then accept it with: molecule-image trust ${shellWord(file)}`,
    cause,
  });
}
