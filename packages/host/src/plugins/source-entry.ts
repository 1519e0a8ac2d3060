import type { ImageSourceError, Mode, Selection } from "@molecule/core";
import type { CollectedPlugins } from "./collected-plugins.js";

/** A plugin that was found, or a configured one that cannot be used. */
export interface SourceEntry {
  /** The source's name; for a plugin that cannot be used, the name in the configuration. */
  readonly name: string;
  readonly version: string | null;
  /** The file it was imported from, or how it was provided; null if it cannot be used. */
  readonly place: string | null;
  /** Null if the plugin cannot be used. */
  readonly apiVersion: number | null;
  /** Empty if the plugin cannot be used. */
  readonly modes: readonly Mode[];
  readonly selected: boolean;
  /** Why it is selected, else null. */
  readonly because: string | null;
  /** Why it cannot be used, else null. */
  readonly error: ImageSourceError | null;
}

/** Lists the plugins, usable ones first. */
export function sourceEntries(
  { plugins, failures }: CollectedPlugins,
  selection: Selection,
): readonly SourceEntry[] {
  const choice = (name: string): Pick<SourceEntry, "selected" | "because"> =>
    name === selection.source
      ? { selected: true, because: selection.because }
      : { selected: false, because: null };
  return [
    ...[...plugins.values()].map(({ plugin: { name, apiVersion, modes }, place, version }) => ({
      ...{ name, version, place, apiVersion, modes },
      ...choice(name),
      error: null,
    })),
    ...failures.map(({ name, error }) => ({
      ...{ name, version: null, place: null, apiVersion: null, modes: [] },
      ...choice(name),
      error,
    })),
  ];
}
