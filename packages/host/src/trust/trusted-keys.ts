import { isDeepStrictEqual } from "node:util";
import type { SourceManifest } from "@molecule/core";
import { isTree, type Tree } from "../layers/config-layer.js";
import { mergeLayers } from "../layers/merge-layers.js";

/** The keys that a file found by searching may set without trust. Every other key requires trust. */
const harmless: ReadonlySet<string> = new Set([
  "$schema",
  "runtimes.add",
  "platform",
  "timeout",
  "stallAfter",
]);

/** Returns the keys that require trust only to change a value from the user file. */
function guardedKeys(manifests: readonly SourceManifest[]): ReadonlySet<string> {
  return new Set(
    manifests.flatMap(({ name, harmlessOptions = [] }) =>
      harmlessOptions.map((option) => `options.${name}.${option}`),
    ),
  );
}

/** Maps whose entries are the keys. */
const groups: ReadonlySet<string> = new Set(["sources", "runtimes", "options"]);

/** Returns the trust level of a key, for documentation. */
export function trustOf(path: string, manifests: readonly SourceManifest[]): string {
  if (path.startsWith("sources.")) return "harmless if the command has it";
  if (harmless.has(path)) return "harmless";
  return guardedKeys(manifests).has(path) ? "guarded" : "trusted";
}

export interface TrustQuestion {
  /** The values of the project file. */
  readonly project: Tree;
  /** The values of the user file. */
  readonly user: Tree;
  /** The sources that are available without loading a plugin. */
  readonly sources: ReadonlySet<string>;
  readonly manifests: readonly SourceManifest[];
}

/** Returns the keys of a project file found by searching that require trust. */
export function untrustedKeys({ project, user, sources, manifests }: TrustQuestion): readonly string[] {
  const guarded = guardedKeys(manifests);
  return keys(project, [])
    .filter((path) => {
      const key = path.join(".");
      const value = at(project, path);
      if (harmless.has(key)) return false;
      if (guarded.has(key)) return changes(at(user, path), value);
      if (path[0] === "sources") return typeof value !== "string" || !sources.has(value);
      return true;
    })
    .map((path) => path.join("."));
}

function keys(tree: Tree, above: readonly string[]): readonly string[][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = [...above, key];
    const isGroup = groups.has(key) ? above.length === 0 : above.length === 1 && above[0] === "options";
    return isGroup && isTree(value) ? keys(value, path) : [path];
  });
}

function at(tree: Tree, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), tree);
}

function changes(before: unknown, after: unknown): boolean {
  if (before === undefined) return false;
  const merged = mergeLayers([before, after].map((value) => ({ origin: "", values: { value } })));
  return !isDeepStrictEqual(merged.at("value"), before);
}
