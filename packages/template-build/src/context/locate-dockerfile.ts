import type { FileTree } from "./file-tree.js";
import { followInTree } from "./follow-in-tree.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Returns the path of the Dockerfile to build with, relative, with slashes. Links inside the tree are
 * followed, so it names a regular file. Throws `TEMPLATE_INVALID` if there is none, or if it is in `.git` or outside the
 * tree. Reads no content.
 */
export async function locateDockerfile(tree: FileTree, dockerfile: string): Promise<string> {
  const place = await followInTree(tree, dockerfile);
  if (place.kind === "file") return place.path;
  const quotedPath = JSON.stringify(dockerfile);
  if (place.kind === "outside") {
    throw templateInvalid(
      `the Dockerfile ${quotedPath} is not inside the template`,
      "Put a regular file there, or a relative link to one in the same repository.",
    );
  }
  const why = place.why === `${quotedPath} does not exist` ? "" : `: ${place.why}`;
  throw templateInvalid(
    `the template has no Dockerfile at ${quotedPath}${why}`,
    "Add the file to the template, or set the option `dockerfile` to its path.",
  );
}
