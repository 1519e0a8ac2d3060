import type { SourceManifest } from "@molecule/core";

/** A key whose value is, or may be, a map by runtime name. */
export interface RuntimeMap {
  readonly path: readonly string[];
  /** Whether the key `default` stands for every other runtime, and a single value for all of them. */
  readonly hasDefault: boolean;
}

const ownMaps: readonly RuntimeMap[] = [
  { path: ["timeout"], hasDefault: true },
  { path: ["stallAfter"], hasDefault: true },
];

/** Returns the maps by runtime of the configuration, those in the options of these sources included. */
export function runtimeMaps(manifests: readonly SourceManifest[]): readonly RuntimeMap[] {
  return [...ownMaps, ...manifests.flatMap(mapsOf)];
}

function mapsOf({ name, runtimeOptions = [] }: SourceManifest): readonly RuntimeMap[] {
  return runtimeOptions.map(({ option, hasDefault = false }) => ({
    path: ["options", name, option],
    hasDefault,
  }));
}
