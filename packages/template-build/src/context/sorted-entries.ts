import type { Dirent, Stats } from "node:fs";
import { awaited, type Coroutine } from "./coroutine.js";
import type { DiskCalls } from "./disk-calls.js";
import type { EntryKind, NamedEntry } from "./file-tree.js";
import { utf8 } from "./utf8.js";

/** Reads the entries of a directory on the disk, as `TreeDirectory.entries` does. */
export function* sortedEntries(
  directory: string,
  calls: DiskCalls,
  where: string,
): Coroutine<never, NamedEntry[]> {
  const entries = yield* awaited(calls.readdir(directory));
  if (entries.every(({ name }) => isAscii(name))) {
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort(byName);
  }
  // Strings sort differently from bytes, and hide invalid UTF-8.
  const inBytes = yield* awaited(calls.readdirBytes(directory));
  return inBytes
    .sort((one, other) => one.name.compare(other.name))
    .map((entry) => ({ name: utf8(entry.name, nameIn(where)), kind: kindOf(entry) }));
}

const ascii = /^[\0-\x7f]*$/;
/** Whether the order of the characters is that of the bytes. */
export const isAscii = (text: string): boolean => ascii.test(text);

/** Describes a name that is not UTF-8, for the error. */
export const nameIn = (where: string): string => `a name in ${where}`;

/** Sorts ASCII names. */
export function byName(one: NamedEntry, other: NamedEntry): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

export function kindOf(entry: Dirent | Dirent<Buffer> | Stats): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}
