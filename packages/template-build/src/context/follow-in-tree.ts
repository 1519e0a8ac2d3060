import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { isAbsent, unreadable } from "./unreadable.js";

// The same limit as in Linux.
const maxLinks = 40;

/** The result of following a path in a checkout. */
export type TreePlace =
  | { readonly kind: "file"; /** Without links, relative, with slashes. */ readonly path: string }
  /** The path does not exist, or a link on the way is dangling. */
  | { readonly kind: "absent"; readonly why: string }
  /** Something that is not a regular file. */
  | { readonly kind: "unusable"; readonly why: string }
  /** A path or a link that leaves the tree or enters `.git`. */
  | { readonly kind: "outside" };

/** Follows the links on a relative path, but never out of the tree. Reads no content. */
export async function followInTree(directory: string, path: string): Promise<TreePlace> {
  if (path === "" || path.includes("\0")) return { kind: "absent", why: "this is not a path" };
  if (posix.isAbsolute(path)) return { kind: "outside" };
  const ahead = path.split("/");
  const visited: string[] = [];
  let links = 0;
  let last: Stats | undefined;

  while (ahead.length > 0) {
    const part = ahead.shift() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (visited.pop() === undefined) return { kind: "outside" };
      last = undefined;
      continue;
    }
    if (part === ".git") return { kind: "outside" };
    const place = [...visited, part].join("/");
    try {
      last = await lstat(join(directory, place));
      if (last.isSymbolicLink()) {
        const target = await readlink(join(directory, place));
        if (posix.isAbsolute(target)) return { kind: "outside" };
        if ((links += 1) > maxLinks) return { kind: "unusable", why: "its links form a loop" };
        ahead.unshift(...target.split("/"));
        continue;
      }
    } catch (error) {
      if (isAbsent(error)) return { kind: "absent", why: `${JSON.stringify(place)} does not exist` };
      throw unreadable(place, error);
    }
    if (ahead.length > 0 && !last.isDirectory())
      return { kind: "absent", why: `${JSON.stringify(place)} is not a directory` };
    visited.push(part);
  }
  if (last?.isFile() !== true) return { kind: "unusable", why: "it is not a regular file" };
  return { kind: "file", path: visited.join("/") };
}
