import type { Mode } from "@molecule/core";
import type { Layer } from "../layers/config-layer.js";
import type { Problem } from "../layers/config-problem.js";

const origin = "flag --template";

/** The hint for a flag that names no runtime of this host. */
export const templateHint =
  "Write --template RUNTIME=DIR with a known runtime, for example --template hermes=./my-template.";
/** The hint for a flag that has no effect. */
export const uselessTemplateHint = "Unset MOLECULE_IMAGE_REGISTRY to build, or omit --template RUNTIME=DIR.";

/**
 * Returns the layer of the flag `--template`, which gives templates of the selected source a working copy. Reports a
 * problem if images are pulled.
 * @param templates paths by runtime
 */
export function templateLayer(
  templates: Readonly<Record<string, string>>,
  { mode, source }: { readonly mode: Mode; readonly source: string },
): { readonly layers: readonly Layer[]; readonly problems: readonly Problem[] } {
  const entries = Object.entries(templates);
  if (entries.length === 0) return { layers: [], problems: [] };
  if (mode === "registry") {
    const what = "a working copy is built, but MOLECULE_IMAGE_REGISTRY is set, so images are pulled";
    return { layers: [], problems: [{ where: origin, path: "", what }] };
  }
  // The flag replaces any location of the template in the files.
  const elsewhere = { repo: undefined, forge: undefined, branch: undefined, revision: undefined };
  const values = Object.fromEntries(entries.map(([runtime, path]) => [runtime, { ...elsewhere, path }]));
  return { layers: [{ origin, values: { options: { [source]: { templates: values } } } }], problems: [] };
}
