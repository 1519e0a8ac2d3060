import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { Env, SourcePlugin } from "@molecule/core";
import { pathVariable } from "@molecule/node-edges";
import { refuseProblems } from "../layers/config-problem.js";
import { fileOptionProblems } from "../options/file-option-problems.js";
import { findProjectFile, findUserFile } from "./find-config-files.js";
import { inlineLayer } from "./inline-layer.js";
import type { InlineSettings } from "./inline-settings.js";
import { readLayer, type FileLayer } from "./read-layer.js";
import { refuseUntrusted } from "../trust/refuse-untrusted.js";
import { defaultLayer, settingsOf, type Settings } from "./settings.js";
import { knownManifests, knownSources } from "../plugins/known-manifests.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import { misspeltSources } from "../plugins/misspelt-sources.js";
import { trustedFilesPlace } from "../trust/trusted-files.js";
import { unknownRuntimes } from "./unknown-runtimes.js";
import { usableEnv } from "./usable-env.js";
import { variableLayers, type Flags } from "./variable-layers.js";

/** The places to read the configuration from. */
export interface SettingsRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Env;
  readonly home: string;
  /** A file to use instead of searching; outranks `MOLECULE_CONFIG`. `false`: no file is read. */
  readonly configFile?: string | false | undefined;
  /** Settings in place of a project file. */
  readonly settings?: InlineSettings | undefined;
  readonly flags?: Flags | undefined;
  /** Loaded plugins, which check their options in every file. A project file may select them without trust. */
  readonly plugins: readonly SourcePlugin[];
  /** Shipped plugins, imported when a file has options for them. */
  readonly shipped?: ShippedPlugins | undefined;
  /** `user`: no project file or inline settings. `none`: no files, and invalid variables are ignored. Default: `all`. */
  readonly files?: "all" | "user" | "none" | undefined;
}

const noLayer: FileLayer = { layer: undefined, problems: [], content: new Uint8Array() };

/** As `loadSettings`. */
export async function readSettings(request: SettingsRequest): Promise<Settings> {
  const { cwd, home, flags = {}, plugins, shipped = {}, files: wanted = "all" } = request;
  const env = usableEnv(request.env);
  const manifests = knownManifests(plugins);
  const above = variableLayers({ env, cwd, flags, manifests });
  if (wanted === "none") return settingsOf([defaultLayer(env, home), ...above.layers], env, manifests);
  const { configFile, settings } = request;
  const isInline = settings !== undefined;
  const readsProject = configFile !== false && !isInline && wanted === "all";
  const named = readsProject ? (configFile ?? "") || pathVariable(env, "MOLECULE_CONFIG") : undefined;
  const searched = readsProject && named === undefined ? findProjectFile(cwd, home) : undefined;
  const projectFile = named === undefined ? searched : resolve(cwd, named);

  const user = await layerOf(configFile === false ? undefined : findUserFile(env, home));
  const inline =
    isInline && wanted === "all" ? { ...noLayer, ...(await inlineLayer(settings, cwd)) } : noLayer;
  const project = isInline
    ? inline
    : await (searched === undefined ? layerOf(projectFile) : searchedLayer(searched));
  const files = [user, project].flatMap(({ layer }) => (layer === undefined ? [] : [layer]));
  refuseProblems([
    ...[user, project, above].flatMap(({ problems }) => problems),
    ...(await fileOptionProblems(files, above.layers, { plugins, shipped })),
    ...unknownRuntimes(files, manifests),
    ...(searched === undefined || project.layer === undefined
      ? []
      : await misspeltSources(project.layer, files, knownSources(plugins, shipped))),
  ]);

  const layers = [defaultLayer(env, home)];
  if (user.layer !== undefined) layers.push(user.layer);
  if (searched === undefined && project.layer !== undefined) layers.push(project.layer);
  if (searched !== undefined && project.layer !== undefined) {
    const { layer, content } = project;
    const place = trustedFilesPlace(env, home);
    const acceptedPlugins = await refuseUntrusted({
      project: layer,
      content,
      user: user.layer?.values ?? {},
      sources: new Set([...plugins.map(({ name }) => name), ...Object.keys(shipped)]),
      manifests,
      place,
    });
    layers.push({ ...layer, acceptedPlugins });
  }
  return settingsOf([...layers, ...above.layers], env, manifests);
}

async function layerOf(file: string | undefined): Promise<FileLayer> {
  return file === undefined ? noLayer : readLayer(file);
}

/**
 * Reads a file found by searching by its real path: a link in a clone must not use the trust of the link's target for
 * plugins next to the link.
 */
async function searchedLayer(file: string): Promise<FileLayer> {
  // Reading the file reports a broken link.
  return readLayer(file, await realpath(file).catch(() => file));
}
