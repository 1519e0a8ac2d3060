import type { IgnoreMatcher } from "./dockerignore.js";
import { sortedEntries, type NamedEntry } from "./sorted-entries.js";
import { answered, type Steps } from "./steps.js";
import { takeTurns } from "./take-turns.js";
import { templateInvalid } from "./template-invalid.js";
import { openTreeDirectory, type TreeDirectory } from "./tree-directory.js";
import { unreadable } from "./unreadable.js";
import { utf8 } from "./utf8.js";

/** An entry of the build context. */
export type ContextEntry =
  | { readonly kind: "directory"; /** Relative, with slashes. */ readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | FileEntry;

export interface FileEntry {
  readonly kind: "file";
  readonly path: string;
  readonly name: string;
  /** Stays open until the next entry is requested. */
  readonly parent: TreeDirectory;
}

export interface ContextSelection {
  readonly matcher: IgnoreMatcher;
  /** Paths to include whatever the matcher decides. */
  readonly always: readonly string[];
}

/** A directory that is being walked. */
interface Level {
  /** Empty for the root. */
  readonly path: string;
  readonly directory: TreeDirectory;
  /** Entries not yet visited, the next one last. */
  ahead: NamedEntry[];
  /** An ignored directory appears only together with the first thing below it that is kept. */
  isShown: boolean;
}

/** Everything below `directory` that is selected, in the order of the names' bytes. `.git` never is. */
export function* contextEntries(
  directory: string,
  { matcher, always }: ContextSelection,
): Steps<ContextEntry> {
  const turn = takeTurns();
  // The innermost last.
  const levels: Level[] = [];
  function* enter(path: string, isShown: boolean, opening: Steps<never, TreeDirectory>): Steps<never> {
    const level: Level = { path, directory: yield* opening, ahead: [], isShown };
    levels.push(level);
    level.ahead = (yield* sortedEntries(level.directory, path === "" ? "the root" : path)).reverse();
  }
  const isKept = (path: string): boolean => always.includes(path) || !matcher.ignores(path);
  const holdsKept = (path: string): boolean =>
    matcher.mayHoldKept(path) || always.some((kept) => kept.startsWith(`${path}/`));

  // The path being read, for the error.
  let path = directory;
  try {
    yield* enter("", true, openTreeDirectory(directory));
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const entry = level.ahead.pop();
      if (entry === undefined) {
        levels.pop();
        level.directory.close();
        continue;
      }
      const pause = turn();
      if (pause !== undefined) yield pause;
      const { name, kind } = entry;
      if (name === ".git") continue;
      path = level.path === "" ? name : `${level.path}/${name}`;
      const kept = isKept(path);
      if (!kept && !(kind === "directory" && holdsKept(path))) continue;
      for (const around of kept ? levels : []) {
        if (!around.isShown) yield { kind: "directory", path: around.path };
        around.isShown = true;
      }
      if (kind === "directory") {
        if (kept) yield { kind: "directory", path };
        yield* enter(path, kept, level.directory.openDirectory(name));
      } else if (kind === "file") {
        yield { kind: "file", path, name, parent: level.directory };
      } else if (kind === "link") {
        const target = utf8(yield* answered(level.directory.readlink(name)), `the link ${path}`);
        yield { kind: "link", path, target };
      } else {
        throw templateInvalid(
          `${JSON.stringify(path)} of the template is neither a file, a directory nor a link`,
          "Remove it, or name it in .dockerignore.",
        );
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    for (const level of levels.reverse()) level.directory.close();
  }
}
