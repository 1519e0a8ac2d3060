import { configInvalid, type OptionsIssue, type SourcePlugin } from "@molecule/core";
import type { Problem } from "./config-problem.js";
import { refuseProblems } from "./config-problem.js";
import { nearMiss } from "./near-miss.js";
import { pluginBroken } from "./plugin-failure.js";
import type { Settings } from "./settings.js";
import { shippedSources } from "./source-names.js";

/**
 * The options of a source as its own schema answers them, defaults filled in.
 * Rejects with `CONFIG_INVALID` that names every problem, with `PLUGIN_BROKEN` when the schema throws.
 */
export async function pluginOptions({ name, options }: SourcePlugin, settings: Settings): Promise<unknown> {
  const configured = settings.options(name) ?? {};
  if (options === undefined) {
    const [key] = Object.keys(configured);
    if (key === undefined) return {};
    throw configInvalid(
      `${settings.originOf("options", name, key)}: options.${name}: the source ${name} takes no options`,
      `Remove options.${name}.`,
    );
  }
  let result: Awaited<ReturnType<(typeof options)["~standard"]["validate"]>>;
  try {
    result = await options["~standard"].validate(configured);
  } catch (error) {
    throw pluginBroken(`the options schema of ${name}`, error);
  }
  if (result.issues === undefined) return result.value;
  refuseProblems(result.issues.map((issue) => optionProblem(name, issue, settings)));
  throw pluginBroken(`the options schema of ${name}`, new Error("it refuses the options without saying why"));
}

function optionProblem(name: string, { message, path = [] }: OptionsIssue, settings: Settings): Problem {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  const full = ["options", name, ...keys];
  const place = full
    .map((_, index) => full.slice(0, full.length - index))
    .find((at) => settings.fileOf(...at) !== undefined);
  return { where: settings.originOf(...(place ?? full)), path: full.join("."), what: message };
}

/** Throws `CONFIG_INVALID` for options of sources that nobody knows. */
export function refuseUnknownOptions(settings: Settings, loaded: Iterable<string>): void {
  const known = new Set([...shippedSources, ...Object.values(settings.sources), ...loaded]);
  const unknown = settings.optionNames().filter((name) => !known.has(name));
  refuseProblems(
    unknown.map((name) => {
      const likely = nearMiss(name, known);
      const [key = ""] = Object.keys(settings.options(name) ?? {});
      return {
        where: settings.originOf("options", name, key),
        path: `options.${name}`,
        what: `no plugin has this name${likely === undefined ? "" : ` (did you mean "${likely}"?)`}`,
      };
    }),
  );
}
