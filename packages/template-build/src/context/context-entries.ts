import type { IgnoreMatcher } from "./dockerignore.js";
import { awaited, type Coroutine } from "./coroutine.js";
import { eventLoopPauses } from "./event-loop-pauses.js";
import type { FileTree, NamedEntry, TreeDirectory } from "./file-tree.js";
import { templateInvalid } from "./template-invalid.js";
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
  remaining: NamedEntry[];
  /** Whether it has been yielded. An ignored directory is yielded only before the first included entry below it. */
  isShown: boolean;
}

/** Yields the selected entries of a tree, sorted by the bytes of their names. Never yields `.git`. */
export function* contextEntries(
  tree: FileTree,
  { matcher, always }: ContextSelection,
): Coroutine<ContextEntry> {
  const pauseIfDue = eventLoopPauses();
  // The innermost directory is last.
  const levels: Level[] = [];
  function* enter(
    path: string,
    isShown: boolean,
    opening: Coroutine<never, TreeDirectory>,
  ): Coroutine<never> {
    const level: Level = { path, directory: yield* opening, remaining: [], isShown };
    levels.push(level);
    level.remaining = (yield* level.directory.entries(path === "" ? "the root" : path)).toReversed();
  }
  const isKept = (path: string): boolean => always.includes(path) || !matcher.ignores(path);
  const mayHaveKept = (path: string): boolean =>
    matcher.mayHoldKept(path) || always.some((kept) => kept.startsWith(`${path}/`));

  // The path being read, for the error.
  let path = ".";
  try {
    yield* enter("", true, tree.root());
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const entry = level.remaining.pop();
      if (entry === undefined) {
        levels.pop();
        level.directory.close();
        continue;
      }
      const pause = pauseIfDue();
      if (pause !== undefined) yield pause;
      const { name, kind } = entry;
      if (name === ".git") continue;
      path = level.path === "" ? name : `${level.path}/${name}`;
      const kept = isKept(path);
      if (!kept && !(kind === "directory" && mayHaveKept(path))) continue;
      for (const parent of kept ? levels : []) {
        if (!parent.isShown) yield { kind: "directory", path: parent.path };
        parent.isShown = true;
      }
      if (kind === "directory") {
        if (kept) yield { kind: "directory", path };
        yield* enter(path, kept, level.directory.openDirectory(name));
      } else if (kind === "file") {
        yield { kind: "file", path, name, parent: level.directory };
      } else if (kind === "link") {
        const target = utf8(yield* awaited(level.directory.readlink(name)), `the link ${path}`);
        yield { kind: "link", path, target };
      } else {
        throw templateInvalid(
          `${JSON.stringify(path)} of the template is not a file, a directory or a link`,
          "Remove it, or list it in .dockerignore.",
        );
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    for (const level of levels.reverse()) level.directory.close();
  }
}
