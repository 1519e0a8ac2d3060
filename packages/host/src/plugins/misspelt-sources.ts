import { closestMatch } from "@molecule/core";
import { isTree, type Layer } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";
import { packagesOfSource } from "./load-plugin.js";
import { resolvePlugin } from "./resolve-plugin.js";

/**
 * Reports each selected source that does not exist, if its name is close to one that does. Such a file cannot be used,
 * so the user is not asked to trust it. Executes nothing.
 * @param files all files in use
 * @param names the sources that are known without loading a plugin
 */
export async function misspeltSources(
  { origin, file, values }: Layer,
  files: readonly Layer[],
  names: readonly string[],
): Promise<readonly Problem[]> {
  // Plugins that are not loaded yet may have any name.
  if (file === undefined || files.some((one) => "plugins" in one.values)) return [];
  const problems: Problem[] = [];
  for (const [mode, source] of Object.entries(isTree(values["sources"]) ? values["sources"] : {})) {
    if (typeof source !== "string" || names.includes(source)) continue;
    const likely = closestMatch(source, names);
    if (likely === undefined || (await isInstalled(source, file))) continue;
    const what = `no source has this name (did you mean "${likely}"?)`;
    problems.push({ where: origin, path: `sources.${mode}`, what });
  }
  return problems;
}

/** Whether a package that may hold the source can be resolved. A broken one is reported when it is loaded. */
async function isInstalled(source: string, file: string): Promise<boolean> {
  for (const name of packagesOfSource(source)) {
    const found = await resolvePlugin(name, file).catch(() => "broken");
    if (found !== undefined) return true;
  }
  return false;
}
