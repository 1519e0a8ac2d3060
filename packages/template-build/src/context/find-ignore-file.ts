import { posix } from "node:path";
import type { FileTree } from "./file-tree.js";
import { locateOptional } from "./locate-optional.js";

/** The ignore file that docker uses for every Dockerfile without one of its own. */
export const rootIgnoreFile = ".dockerignore";

/**
 * Returns the path of the ignore file for a Dockerfile: `<Dockerfile>.dockerignore` next to its requested path, else
 * `.dockerignore` at the root; undefined if neither exists. Follows links inside the tree; a dangling link counts as a
 * missing file. Throws `TEMPLATE_INVALID` for anything else that is not a regular file.
 */
export async function findIgnoreFile(tree: FileTree, namedDockerfile: string): Promise<string | undefined> {
  for (const path of [`${posix.normalize(namedDockerfile)}.dockerignore`, rootIgnoreFile]) {
    const found = await locateOptional(tree, path);
    if (found !== undefined) return found;
  }
  return undefined;
}
