import type { Mode, Selection } from "@molecule/core";
import type { Plugins } from "./collect-plugins.js";

/** A plugin that was found. */
export interface SourceEntry {
  readonly name: string;
  readonly version: string | null;
  /** The file it was imported from, or who gave it. */
  readonly place: string;
  readonly apiVersion: number;
  readonly modes: readonly Mode[];
  readonly selected: boolean;
  /** Why it is the selected one, else null. */
  readonly because: string | null;
}

/** The plugins as people ask for them. */
export function sourceEntries(plugins: Plugins, selection: Selection): readonly SourceEntry[] {
  return [...plugins.values()].map(({ plugin: { name, apiVersion, modes }, place, version }) => {
    const selected = name === selection.source;
    return {
      name,
      version,
      place,
      apiVersion,
      modes,
      selected,
      because: selected ? selection.because : null,
    };
  });
}
