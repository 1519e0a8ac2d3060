import { ImageSourceError, type CommitSha } from "@molecule/core";
import { TooMuchOutput, type GitSession } from "./git-session.js";

/**
 * Throws `TEMPLATE_INVALID` for a commit with too many files: the list of their names is longer than the output that a
 * session accepts, which is enough for about a hundred thousand files. A few hundred bytes can expand to billions of
 * files, and `git checkout` would hold all of them in memory before it writes the first (docs/adr/0042).
 */
export async function limitTreeSize(git: GitSession, commit: CommitSha, url: string): Promise<void> {
  try {
    await git.run(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit]);
  } catch (error) {
    if (!(error instanceof TooMuchOutput)) throw error;
    throw new ImageSourceError({
      code: "TEMPLATE_INVALID",
      message: `${commit} of ${url} has too many files: the list of their names exceeds 8 MiB`,
      hint: "Remove files that the build can produce or fetch, such as dependencies and generated files.",
    });
  }
}
