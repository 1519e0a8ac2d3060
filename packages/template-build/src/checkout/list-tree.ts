import { ImageSourceError, type CommitSha } from "@molecule/core";
import { readGit, type GitProcessParts } from "./git-process.js";
import { TooMuchOutput } from "./git-session.js";

const maxBytes = 16 * 1024 * 1024;

/**
 * Returns the list of everything in the commit's tree, as `CommitObjects.listing` describes it. Throws
 * `TEMPLATE_INVALID` if it is longer than 16 MiB, which is enough for about a hundred thousand files. A few hundred bytes
 * can expand to billions of files, and `git checkout` would hold all of them in memory before it writes the first
 * (docs/adr/0042).
 */
export async function listTree(parts: GitProcessParts, commit: CommitSha, url: string): Promise<Buffer> {
  try {
    const args = ["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit];
    return (await readGit(parts, args, maxBytes)).stdout;
  } catch (error) {
    if (!(error instanceof TooMuchOutput)) throw error;
    throw new ImageSourceError({
      code: "TEMPLATE_INVALID",
      message: `${commit} of ${url} has too many files: the list of their names exceeds 16 MiB`,
      hint: "Remove files that the build can produce or fetch, such as dependencies and generated files.",
    });
  }
}
