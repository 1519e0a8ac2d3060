import type { RuntimeName, Selection, SourceManifest } from "@molecule/core";
import type { Layer } from "../layers/config-layer.js";
import { refuseProblems } from "../layers/config-problem.js";
import { unknownRuntimes } from "./unknown-runtimes.js";

const origin = "flag --template";
const unknownHint = "Correct the runtime, or add it to `runtimes.add` in the configuration.";
const pulledHint = "Unset MOLECULE_IMAGE_REGISTRY to build, or omit --template RUNTIME=DIR.";
const unsupportedHint = "Select a source that builds templates, or omit --template RUNTIME=DIR.";

/** The flag, and the selection that it applies to. */
export interface TemplateRequest {
  /** The paths of the flag, by runtime. */
  readonly templates: Readonly<Record<string, string>>;
  readonly selection: Selection;
  /** The known sources; the selected one is missing if its plugin cannot be used. */
  readonly manifests: readonly SourceManifest[];
  /** The runtime allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
}

/**
 * Returns the layer of the flag `--template`, which gives templates of the selected source a working copy. Throws
 * `CONFIG_INVALID` if images are pulled, the source builds no working copies, or a runtime is not allowed.
 */
export function templateLayer({
  templates,
  selection: { mode, source },
  manifests,
  runtimes,
}: TemplateRequest): readonly Layer[] {
  const entries = Object.entries(templates);
  const manifest = manifests.find(({ name }) => name === source);
  if (entries.length === 0 || manifest === undefined) return [];
  if (mode === "registry") {
    const what = "a working copy is built, but MOLECULE_IMAGE_REGISTRY is set, so images are pulled";
    refuseProblems([{ where: origin, path: "", what }], pulledHint);
  }
  const declared = manifest.runtimeOptions?.find(({ workingCopy }) => workingCopy !== undefined);
  if (declared?.workingCopy === undefined) {
    const what = `the source ${source} builds no working copies`;
    refuseProblems([{ where: origin, path: "", what }], unsupportedHint);
    return [];
  }
  const { path: key, replaces = [] } = declared.workingCopy;
  // The flag replaces any location of the template in the files.
  const elsewhere = Object.fromEntries(replaces.map((one) => [one, undefined]));
  const values = Object.fromEntries(
    entries.map(([runtime, path]) => [runtime, { ...elsewhere, [key]: path }]),
  );
  const layer = { origin, values: { options: { [source]: { [declared.option]: values } } } };
  const allowed = { origin: "default", values: { runtimes: { add: [...runtimes] } } };
  // The path in the layer is not one that the user wrote.
  const unknown = unknownRuntimes([allowed, layer], [manifest]).map(({ what }) => ({
    where: origin,
    path: "",
    what,
  }));
  refuseProblems(unknown, unknownHint);
  return [layer];
}
