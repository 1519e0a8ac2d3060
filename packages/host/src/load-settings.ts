import { dirname, resolve } from "node:path";
import type { Env } from "@molecule/core";
import type { Layer, Tree } from "./config-layer.js";
import { refuseProblems, type Problem } from "./config-problem.js";
import { findProjectFile, findUserFile } from "./find-config-files.js";
import { mergeLayers } from "./merge-layers.js";
import { readConfigFile } from "./read-config-file.js";
import { defaultLayer, settingsOf, type Settings } from "./settings.js";
import { refuseUntrusted } from "./trusted-keys.js";
import { variableLayers, type Flags } from "./variable-layers.js";

export interface SettingsRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  readonly home: string;
  /** A file to use instead of searching; outranks `MOLECULE_CONFIG`. */
  readonly configFile?: string | undefined;
  readonly flags?: Flags | undefined;
  /** The sources that need no looking up; a searched file may choose among them freely. */
  readonly sources: ReadonlySet<string>;
}

/**
 * Reads every layer. Rejects with one `CONFIG_INVALID` that names all problems, or with `CONFIG_UNTRUSTED` when a file
 * found by searching sets what only a trusted one may set. Executes nothing; without a file it loads no parser.
 */
export async function loadSettings(request: SettingsRequest): Promise<Settings> {
  const { cwd, env, home, flags = {}, sources } = request;
  const named = [request.configFile, env.MOLECULE_CONFIG].find((file) => file !== undefined && file !== "");
  const searched = named === undefined ? await findProjectFile(cwd, home) : undefined;
  const projectFile = named === undefined ? searched : resolve(cwd, named);

  const user = await fileLayer(await findUserFile(env, home));
  const project = await fileLayer(projectFile);
  const above = variableLayers({ env, cwd, flags });
  refuseProblems([user, project, above].flatMap(({ problems }) => problems));
  if (searched !== undefined) {
    refuseUntrusted(searched, { project: valuesOf(project), user: valuesOf(user), sources });
  }
  return settingsOf(
    mergeLayers([defaultLayer(env, home), ...user.layers, ...project.layers, ...above.layers]),
  );
}

interface CheckedLayers {
  readonly layers: readonly Layer[];
  readonly problems: readonly Problem[];
}

async function fileLayer(file: string | undefined): Promise<CheckedLayers> {
  if (file === undefined) return { layers: [], problems: [] };
  const { values, problems } = await readConfigFile(file);
  if (problems.length > 0) return { layers: [], problems };
  const { configSchemaProblems } = await import("./config-schema-problems.js");
  const invalid = configSchemaProblems(values, file);
  return invalid.length > 0
    ? { layers: [], problems: invalid }
    : { layers: [{ origin: file, file, values: absolute(values, file) }], problems: [] };
}

/** Paths in a file are relative to it. */
function absolute(values: Tree, file: string): Tree {
  const { cacheDir } = values;
  return typeof cacheDir === "string" ? { ...values, cacheDir: resolve(dirname(file), cacheDir) } : values;
}

function valuesOf({ layers: [layer] }: CheckedLayers): Tree {
  return layer?.values ?? {};
}
