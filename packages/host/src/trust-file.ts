import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { configInvalid, type Env, type SourcePlugin } from "@molecule/core";
import type { Layer } from "./layers/config-layer.js";
import { refuseProblems, type Problem } from "./layers/config-problem.js";
import { fileOptionProblems } from "./options/file-option-problems.js";
import { findProjectFile, findUserFile } from "./config/find-config-files.js";
import { homeOf } from "@molecule/node-edges";
import { knownManifests, knownSources } from "./plugins/known-manifests.js";
import type { ShippedPlugins } from "./plugins/shipped-plugins.js";
import { misspeltSources } from "./plugins/misspelt-sources.js";
import { readPluginFiles } from "./plugins/plugin-files.js";
import { projectDigest } from "./trust/project-digest.js";
import { readLayer } from "./config/read-layer.js";
import { recordTrustedFile } from "./trust/record-trusted-file.js";
import { unknownRuntimes } from "./config/unknown-runtimes.js";
import { unusableOptions } from "./options/unusable-options.js";
import { unservedModes } from "./plugins/unserved-modes.js";
import { trustedFilesPlace, type TrustedFile } from "./trust/trusted-files.js";

/** The file to trust. */
export interface TrustRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  /** Relative to `cwd`. Default: the file found by searching from `cwd`. */
  readonly file?: string | undefined;
  /** Default: `HOME` of the environment, else the user's home directory. */
  readonly home?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Loaded plugins, which check the file's options for them. */
  readonly plugins?: readonly SourcePlugin[] | undefined;
  /** Shipped plugins, imported when the file has options for them. */
  readonly shipped?: ShippedPlugins | undefined;
}

/** As `trustProjectFile`. */
export async function trustFile(request: TrustRequest): Promise<TrustedFile> {
  const { cwd, env, home = homeOf(env), signal } = request;
  const file = request.file === undefined ? findFile(cwd, home) : resolve(cwd, request.file);
  // Reading the file reports a broken link.
  const path = await realpath(file).catch(() => file);
  const { layer, problems, content } = await readLayer(file, path);
  const further = layer === undefined ? [] : await unusable(layer, await userLayers(env, home), request);
  refuseProblems([...problems, ...further]);
  const plugins = await readPluginFiles(layer?.values ?? {}, path);
  const trusted = { path, digest: projectDigest({ path, content, plugins }) };
  await recordTrustedFile(trustedFilesPlace(env, home), trusted, { signal });
  return trusted;
}

/** Returns the problems that using the file together with the user file would report. */
async function unusable(
  layer: Layer,
  user: readonly Layer[],
  { plugins = [], shipped = {} }: TrustRequest,
): Promise<readonly Problem[]> {
  const files = [...user, layer];
  const problems = [
    ...(await fileOptionProblems(files, [], { plugins, shipped })),
    ...unknownRuntimes(files, knownManifests(plugins)),
    ...(await misspeltSources(layer, files, knownSources(plugins, shipped))),
    ...(await unservedModes(layer, { plugins, shipped })),
    ...(await unusableOptions(layer, files, { plugins, shipped })),
  ];
  return problems.filter(({ where }) => where === layer.origin);
}

/**
 * Returns the user file's layer. An invalid user file must not prevent trusting a project file, so it is ignored here.
 */
async function userLayers(env: Env, home: string): Promise<readonly Layer[]> {
  const file = findUserFile(env, home);
  if (file === undefined) return [];
  const { layer, problems } = await readLayer(file);
  return layer === undefined || problems.length > 0 ? [] : [layer];
}

function findFile(cwd: string, home: string): string {
  const file = findProjectFile(cwd, home);
  if (file !== undefined) return file;
  throw configInvalid(
    `no project file found in ${cwd} or its parents`,
    "Name the file: molecule-image trust FILE.",
  );
}
