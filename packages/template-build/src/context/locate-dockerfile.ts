import { followInTree } from "./follow-in-tree.js";
import { templateInvalid } from "./template-invalid.js";

/**
 * Returns the path of the Dockerfile to build with, relative to `directory`, with slashes. Links inside the tree are
 * followed, so it names a regular file. Throws `TEMPLATE_INVALID` when there is none, or when it is in `.git` or outside
 * the tree. Reads no content.
 */
export async function locateDockerfile(directory: string, dockerfile: string): Promise<string> {
  const place = await followInTree(directory, dockerfile);
  if (place.kind === "file") return place.path;
  const shown = JSON.stringify(dockerfile);
  if (place.kind === "outside") {
    throw templateInvalid(
      `the Dockerfile ${shown} is not inside the template`,
      "Put a regular file there, or a relative link to one in the same repository.",
    );
  }
  throw templateInvalid(
    `the template has no Dockerfile at ${shown}: ${place.why}`,
    "Add the file to the template, or name the right one with the option `dockerfile`.",
  );
}
