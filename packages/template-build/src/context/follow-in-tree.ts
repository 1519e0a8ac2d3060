import { posix } from "node:path";
import { awaited, resultOf, type Coroutine } from "./coroutine.js";
import type { EntryStats, FileTree } from "./file-tree.js";
import { OpenPath } from "./open-path.js";
import { unreadable } from "./unreadable.js";

// The same limit as in Linux.
const maxLinks = 40;

/** The result of following a path in a template. */
export type TreePlace =
  | { readonly kind: "file"; /** Without links, relative, with slashes. */ readonly path: string }
  /** The path does not exist, or a link on the way is dangling. */
  | { readonly kind: "absent"; readonly why: string }
  /** Something that is not a regular file. */
  | { readonly kind: "unusable"; readonly why: string }
  /** A path or a link that leaves the tree or enters `.git`. */
  | { readonly kind: "outside" };

/** Follows the links on a relative path, but never out of the tree. Reads no content. */
export async function followInTree(tree: FileTree, path: string): Promise<TreePlace> {
  if (path === "" || path.includes("\0")) return { kind: "absent", why: "this is not a path" };
  if (posix.isAbsolute(path)) return { kind: "outside" };
  const open = new OpenPath(tree);
  try {
    return await resultOf(followed(open, path));
  } finally {
    open.close();
  }
}

function* followed(open: OpenPath, path: string): Coroutine<never, TreePlace> {
  const ahead = path.split("/");
  const visited: string[] = [];
  let links = 0;
  let last: EntryStats | undefined;

  while (ahead.length > 0) {
    const part = ahead.shift() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (visited.pop() === undefined) return { kind: "outside" };
      last = undefined;
      continue;
    }
    if (part === ".git") return { kind: "outside" };
    const parent = yield* open.to(visited.join("/") || ".");
    const place = [...visited, part].join("/");
    try {
      last = yield* parent.stat(part);
      if (last === undefined) return { kind: "absent", why: `${JSON.stringify(place)} does not exist` };
      if (last.kind === "link") {
        const target = (yield* awaited(parent.readlink(part))).toString("utf8");
        if (posix.isAbsolute(target)) return { kind: "outside" };
        if ((links += 1) > maxLinks) return { kind: "unusable", why: "its links form a loop" };
        ahead.unshift(...target.split("/"));
        continue;
      }
    } catch (error) {
      throw unreadable(place, error);
    }
    if (ahead.length > 0 && last.kind !== "directory")
      return { kind: "absent", why: `${JSON.stringify(place)} is not a directory` };
    visited.push(part);
  }
  if (last?.kind !== "file") return { kind: "unusable", why: "it is not a regular file" };
  return { kind: "file", path: visited.join("/") };
}
