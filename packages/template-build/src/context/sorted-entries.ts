import type { Dirent } from "node:fs";
import { awaited, type Coroutine } from "./coroutine.js";
import type { TreeDirectory } from "./tree-directory.js";
import { utf8 } from "./utf8.js";

/** The entries of a directory. */
export interface NamedEntry {
  readonly name: string;
  readonly kind: "directory" | "file" | "link" | "other";
}

/**
 * Returns the entries sorted by the bytes of their names. Throws `TEMPLATE_INVALID` if a name is not UTF-8.
 * @param where the directory, for the error
 */
export function* sortedEntries(directory: TreeDirectory, where: string): Coroutine<never, NamedEntry[]> {
  const entries = yield* awaited(directory.entries());
  if (entries.every(({ name }) => isAscii(name))) {
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort(byName);
  }
  // Strings sort differently from bytes, and hide invalid UTF-8.
  const inBytes = yield* awaited(directory.entriesInBytes());
  return inBytes
    .sort((one, other) => one.name.compare(other.name))
    .map((entry) => ({ name: utf8(entry.name, `a name in ${where}`), kind: kindOf(entry) }));
}

const ascii = /^[\0-\x7f]*$/;
const isAscii = (text: string): boolean => ascii.test(text);

function byName(one: NamedEntry, other: NamedEntry): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function kindOf(entry: Dirent | Dirent<Buffer>): NamedEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}
