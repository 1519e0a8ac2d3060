import type { FileTree } from "./file-tree.js";
import { followInTree } from "./follow-in-tree.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Returns the path, without links, of a file that a template may have; undefined if it does not exist or is a dangling
 * link. Throws `TEMPLATE_INVALID` for anything but a regular file inside the tree.
 */
export async function locateOptional(tree: FileTree, path: string): Promise<string | undefined> {
  const place = await followInTree(tree, path);
  if (place.kind === "file") return place.path;
  if (place.kind === "absent") return undefined;
  throw templateInvalid(
    place.kind === "outside"
      ? `${JSON.stringify(path)} of the template leads out of the template`
      : `${JSON.stringify(path)} of the template cannot be read: ${place.why}`,
    `Make ${path} a regular file, or a relative link to one in the same repository.`,
  );
}
