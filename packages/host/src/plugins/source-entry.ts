import type { ImageSourceError, Mode, Selection } from "@molecule/core";
import type { CollectedPlugins } from "./collected-plugins.js";

/** A plugin that was found, or that is configured and cannot be used. */
export interface SourceEntry {
  /** Of one that cannot be used: as it is configured. */
  readonly name: string;
  readonly version: string | null;
  /** The file it was imported from, or who gave it; null for one that cannot be used. */
  readonly place: string | null;
  /** Null for one that cannot be used. */
  readonly apiVersion: number | null;
  /** None for one that cannot be used. */
  readonly modes: readonly Mode[];
  readonly selected: boolean;
  /** Why it is the selected one, else null. */
  readonly because: string | null;
  /** Why it cannot be used, else null. */
  readonly error: ImageSourceError | null;
}

/** The plugins as people ask for them: first those that can be used. */
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
