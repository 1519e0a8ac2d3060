import { posix } from "node:path";
import { locateOptional } from "./locate-optional.js";

/** The ignore file that docker reads for every Dockerfile without one of its own. */
export const rootIgnoreFile = ".dockerignore";

/**
 * Returns the path of the ignore file that applies to a Dockerfile: `<Dockerfile>.dockerignore` beside the path by which
 * the Dockerfile is named, else `.dockerignore` at the root; undefined when there is neither. Links inside the tree are
 * followed, and one to nothing counts as no file. Throws `TEMPLATE_INVALID` for anything else that is not a regular file.
 */
export async function findIgnoreFile(
  directory: string,
  namedDockerfile: string,
): Promise<string | undefined> {
  for (const path of [`${posix.normalize(namedDockerfile)}.dockerignore`, rootIgnoreFile]) {
    const found = await locateOptional(directory, path);
    if (found !== undefined) return found;
  }
  return undefined;
}
