import { nearMiss } from "@molecule/core";
import { refuseProblems, type Problem } from "./config-problem.js";
import type { SaidOptions } from "./said-options.js";
import { shippedSources } from "./source-names.js";

/** Options of sources that nobody knows are unknown keys. */
export function unknownOptions(said: SaidOptions, plugins: Iterable<string>): readonly Problem[] {
  const known = new Set([...shippedSources, ...plugins]);
  return said
    .optionNames()
    .filter((name) => !known.has(name))
    .map((name) => {
      const likely = nearMiss(name, known);
      const [key = ""] = Object.keys(said.options(name) ?? {});
      return {
        where: said.originOf("options", name, key),
        path: `options.${name}`,
        what: `unknown key: no plugin has this name${likely === undefined ? "" : ` (did you mean "${likely}"?)`}`,
      };
    });
}

/** Throws `CONFIG_INVALID` for them. */
export function refuseUnknownOptions(said: SaidOptions, plugins: Iterable<string>): void {
  refuseProblems(unknownOptions(said, plugins));
}
