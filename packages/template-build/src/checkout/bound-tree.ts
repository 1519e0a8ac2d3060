import { ImageSourceError, type CommitSha } from "@molecule/core";
import { TooMuchOutput, type GitSession } from "./git-session.js";

/**
 * Throws `TEMPLATE_INVALID` for a commit with more files than a checkout may have: the list of their names exceeds what
 * a session keeps, enough for about a hundred thousand files. A few hundred bytes can expand to endless files,
 * and `git checkout` would hold them all in memory before it writes the first (docs/adr/0042).
 */
export async function boundTree(git: GitSession, commit: CommitSha, url: string): Promise<void> {
  try {
    await git.run(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit]);
  } catch (error) {
    if (!(error instanceof TooMuchOutput)) throw error;
    throw new ImageSourceError({
      code: "TEMPLATE_INVALID",
      message: `${commit} of ${url} holds too many files: their names alone are more than 8 MiB`,
      hint: "Remove files that the build can produce or fetch, such as dependencies and generated files.",
    });
  }
}
