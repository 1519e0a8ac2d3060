import {
  closestMatch,
  parseRuntimeName,
  shippedRuntimes,
  tryParse,
  type SourceManifest,
} from "@molecule/core";
import { isTree, type Layer, type Tree } from "../layers/config-layer.js";
import { runtimeMaps } from "../options/runtime-maps.js";
import type { Problem } from "../layers/config-problem.js";

/**
 * Reports runtimes in options that are not on the allowlist, because those options would have no effect. A runtime
 * added by any file is allowed, so that one user file can serve several projects.
 */
export function unknownRuntimes(
  files: readonly Layer[],
  manifests: readonly SourceManifest[],
): readonly Problem[] {
  const allowed = new Set([...shippedRuntimes, ...files.flatMap(({ values }) => added(values))]);
  return files.flatMap(({ origin, values }) =>
    runtimeMaps(manifests).flatMap(({ path, hasDefault }) => {
      const map = at(values, path);
      return Object.keys(isTree(map) ? map : {})
        .filter((name) => !allowed.has(name) && !(hasDefault && name === "default") && isName(name))
        .map((name) => ({ where: origin, path: [...path, name].join("."), what: notAllowed(name, allowed) }));
    }),
  );
}

function notAllowed(name: string, allowed: Iterable<string>): string {
  const likely = closestMatch(name, allowed);
  const meant = likely === undefined ? "" : ` (did you mean "${likely}"?)`;
  return `unknown runtime ${JSON.stringify(name)}${meant}; add it to runtimes.add to allow it`;
}

/** Whether it is a valid runtime name; the schemas report other names. */
function isName(name: string): boolean {
  return tryParse(parseRuntimeName, name) !== undefined;
}

function added(values: Tree): readonly string[] {
  const names = at(values, ["runtimes", "add"]);
  return Array.isArray(names) ? names.map(String) : [];
}

function at(values: Tree, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), values);
}
