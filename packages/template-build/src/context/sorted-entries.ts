import type { Dirent } from "node:fs";
import { answered, type Steps } from "./steps.js";
import type { TreeDirectory } from "./tree-directory.js";
import { utf8 } from "./utf8.js";

/** The entries of a directory. */
export interface NamedEntry {
  readonly name: string;
  readonly kind: "directory" | "file" | "link" | "other";
}

/** In the order of the names' bytes. `TEMPLATE_INVALID` when a name is not UTF-8; `where` says in which directory. */
export function* sortedEntries(directory: TreeDirectory, where: string): Steps<never, NamedEntry[]> {
  const entries = yield* answered(directory.entries());
  if (entries.every(({ name }) => isAscii(name))) {
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort(byName);
  }
  // Texts are neither in the order of their bytes, nor do they show what was no UTF-8.
  const inBytes = yield* answered(directory.entriesInBytes());
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
