import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { configInvalid, type Env, type SourcePlugin } from "@molecule/core";
import type { Layer } from "../config/config-layer.js";
import { refuseProblems, type Problem } from "../config/config-problem.js";
import { fileOptionProblems } from "../config/file-option-problems.js";
import { findProjectFile, findUserFile } from "../config/find-config-files.js";
import { homeOf } from "@molecule/node-edges";
import { readPluginFiles } from "../plugins/plugin-files.js";
import { projectDigest } from "./project-digest.js";
import { readLayer } from "../config/read-layer.js";
import { recordTrustedFile } from "./record-trusted-file.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import { unknownRuntimes } from "../config/unknown-runtimes.js";
import { unusableOptions } from "../config/unusable-options.js";
import { unservedModes } from "../plugins/unserved-modes.js";
import { trustedFilesPlace, type TrustedFile } from "./trusted-files.js";

/** Which file is to be trusted. */
export interface TrustRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  /** Relative to `cwd`. Default: what the search from `cwd` finds. */
  readonly file?: string | undefined;
  /** Default: that of the environment, else of the user. */
  readonly home?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The plugins at hand: the file's options for them are checked. */
  readonly plugins?: readonly SourcePlugin[] | undefined;
  /** More of them, imported where the file has options for them. */
  readonly shipped?: ShippedPlugins | undefined;
}

/**
 * Records that the user accepts a project file and the plugin files that it names, as they are now. May be repeated.
 * Rejects with `CONFIG_INVALID` when there is no such file, or one that could not be used; with `PLUGIN_NOT_FOUND` when a plugin file
 * is missing; with `STORAGE_UNUSABLE` when it cannot be recorded. Executes nothing.
 */
export async function trustProjectFile(request: TrustRequest): Promise<TrustedFile> {
  const { cwd, env, home = homeOf(env), signal } = request;
  const file = request.file === undefined ? await searched(cwd, home) : resolve(cwd, request.file);
  // A link to nowhere is told by reading it.
  const path = await realpath(file).catch(() => file);
  const { layer, problems, content } = await readLayer(file, path);
  refuseProblems(problems);
  if (layer !== undefined) refuseProblems(await unusable(layer, await userLayers(env, home), request));
  const plugins = await readPluginFiles(layer?.values ?? {}, path);
  const trusted = { path, digest: projectDigest({ path, content, plugins }) };
  await recordTrustedFile(trustedFilesPlace(env, home), trusted, { signal });
  return trusted;
}

/** What is said of the file when it is used, with what the user's file says besides. */
async function unusable(
  layer: Layer,
  user: readonly Layer[],
  { plugins = [], shipped = {} }: TrustRequest,
): Promise<readonly Problem[]> {
  const files = [...user, layer];
  const problems = [
    ...(await fileOptionProblems(files, [], { plugins, shipped })),
    ...unknownRuntimes(files),
    ...(await unservedModes(layer, { plugins, shipped })),
    ...(await unusableOptions(layer, files, { plugins, shipped })),
  ];
  return problems.filter(({ where }) => where === layer.origin);
}

/** A user file that is wrong is reported when it is used; it must not keep a project file from being trusted. */
async function userLayers(env: Env, home: string): Promise<readonly Layer[]> {
  const file = await findUserFile(env, home);
  if (file === undefined) return [];
  const { layer, problems } = await readLayer(file);
  return layer === undefined || problems.length > 0 ? [] : [layer];
}

async function searched(cwd: string, home: string): Promise<string> {
  const file = await findProjectFile(cwd, home);
  if (file !== undefined) return file;
  throw configInvalid(
    `no project file found from ${cwd} upwards`,
    "Name the file: molecule-image trust FILE.",
  );
}
