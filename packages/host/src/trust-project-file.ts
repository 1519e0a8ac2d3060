import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { configInvalid, type Env } from "@molecule/core";
import { refuseProblems } from "./config-problem.js";
import { findProjectFile } from "./find-config-files.js";
import { homeOf } from "./node-edges.js";
import { readPluginFiles } from "./plugin-files.js";
import { projectDigest } from "./project-digest.js";
import { readLayer } from "./read-layer.js";
import { recordTrustedFile } from "./record-trusted-file.js";
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
}

/**
 * Records that the user accepts a project file and the plugin files that it names, as they are now. May be repeated.
 * Rejects with `CONFIG_INVALID` when there is no such file, or a wrong one; with `PLUGIN_NOT_FOUND` when a plugin file
 * is missing; with `STORAGE_UNUSABLE` when it cannot be recorded. Executes nothing.
 */
export async function trustProjectFile(request: TrustRequest): Promise<TrustedFile> {
  const { cwd, env, home = homeOf(env), signal } = request;
  const file = request.file === undefined ? await searched(cwd, home) : resolve(cwd, request.file);
  // A link to nowhere is told by reading it.
  const path = await realpath(file).catch(() => file);
  const { layer, problems, content } = await readLayer(file, path);
  refuseProblems(problems);
  const plugins = await readPluginFiles(layer?.values ?? {}, path);
  const trusted = { path, digest: projectDigest({ path, content, plugins }) };
  await recordTrustedFile(trustedFilesPlace(env, home), trusted, { signal });
  return trusted;
}

async function searched(cwd: string, home: string): Promise<string> {
  const file = await findProjectFile(cwd, home);
  if (file !== undefined) return file;
  throw configInvalid(
    `there is no project file to trust: none was found from ${cwd} upwards`,
    "Name the file: molecule-image trust FILE.",
  );
}
