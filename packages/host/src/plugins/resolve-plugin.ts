import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { JsonFault, parseJson } from "@molecule/core";
import { isTree, type Tree } from "../layers/config-layer.js";
import { isPluginPath } from "./plugin-files.js";
import { pluginBroken } from "./plugin-failure.js";

const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** A module that may hold a plugin. */
export interface PluginModule {
  /** Absolute path of the file to import. */
  readonly file: string;
  /** The package's version; undefined for a single file. */
  readonly version: string | undefined;
}

/**
 * Finds the module that a configuration file names: `./x.mjs` relative to it, or a package in the `node_modules` of
 * its directory or a parent, never of the working directory. Returns undefined if it is not found.
 */
export async function resolvePlugin(name: string, configFile: string): Promise<PluginModule | undefined> {
  const from = dirname(configFile);
  if (isPluginPath(name)) {
    const file = resolve(from, name);
    return (await isFile(file)) ? { file, version: undefined } : undefined;
  }
  if (!isPackageName(name)) return undefined;
  for (let directory = from; ; directory = dirname(directory)) {
    const found = await packageIn(join(directory, "node_modules", name));
    if (found !== undefined || directory === dirname(directory)) return found;
  }
}

/** Whether the text is a valid package name. */
export function isPackageName(name: string): boolean {
  return packageName.test(name);
}

/*
 * Node 20 has no stable way to ask for another module's `import` resolution: `createRequire` resolves for `require`,
 * which ESM-only packages do not support.
 */
async function packageIn(directory: string): Promise<PluginModule | undefined> {
  const manifestFile = join(directory, "package.json");
  if (!(await isFile(manifestFile))) return undefined;
  try {
    const manifest = parseJson(await readFile(manifestFile, "utf8"));
    if (!isTree(manifest)) throw new Error(`${manifestFile} does not contain an object`);
    const { version } = manifest;
    return { file: entryOf(manifest, directory), version: typeof version === "string" ? version : undefined };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw pluginBroken(directory, error);
    throw pluginBroken(directory, new Error(`${manifestFile} is not valid JSON: ${error.message}`));
  }
}

function entryOf(manifest: Tree, directory: string): string {
  const { exports } = manifest;
  // The rules for `main` and its defaults are the same in both module systems.
  if (exports === undefined) return createRequire(join(directory, "package.json")).resolve(directory);
  const target = importTarget(isTree(exports) && "." in exports ? exports["."] : exports);
  if (target?.startsWith("./") !== true || target.split("/").includes("..")) {
    throw new Error(`${join(directory, "package.json")} exports nothing for import`);
  }
  return join(directory, target);
}

/**
 * Returns the target of the first matching condition, in manifest order:
 * nodejs.org/api/packages.html#conditional-exports
 */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  const entries = Array.isArray(exports)
    ? exports.map((value: unknown) => ["default", value] as const)
    : Object.entries(isTree(exports) ? exports : {});
  for (const [condition, value] of entries) {
    if (!["import", "node", "default"].includes(condition)) continue;
    const target = importTarget(value);
    if (target !== undefined) return target;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
