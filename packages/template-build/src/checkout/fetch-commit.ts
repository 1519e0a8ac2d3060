import { ImageSourceError } from "@molecule/core";
import type { CheckOutRequest } from "./check-out-request.js";
import { isCommitGone, isCommitHidden } from "./git-failure.js";
import type { GitRemote } from "./git-remote.js";
import { GitFailure, type GitSession } from "./git-session.js";

const narrow = ["--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--progress"];

/** The depths to try, in turn, on a server that does not serve commits by hash. */
const depths = [10, 50];

/**
 * Fetches the commit without history, and keeps it by a ref, so that the next fetch into this repository transfers only
 * what has changed. From a server that serves only branches, fetches the branch with as much history as it takes to find
 * the commit (docs/adr/0014). Other fetched objects are never checked out. Rejects with {@link GitFailure}, or with
 * `SOURCE_NOT_FOUND` or `CHECKOUT_FAILED` if the server does not serve the commit.
 */
export async function fetchCommit(
  git: GitSession,
  { remote, commit }: Pick<CheckOutRequest, "commit" | "remote">,
): Promise<void> {
  const fetched = (depth: number, what: string): Promise<string> =>
    git.run(["fetch", `--depth=${String(depth)}`, ...narrow, "--", remote.url, what]);
  try {
    if (await isServed(fetched(1, `+${commit}:refs/commits/${commit}`))) return;
    const { branch } = remote;
    const refspec =
      branch === undefined
        ? "+HEAD:refs/remotes/origin/HEAD"
        : `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
    for (const depth of depths) {
      await fetched(depth, refspec);
      if (await isThere(git, commit)) return;
    }
  } catch (error) {
    if (error instanceof GitFailure && isCommitGone(error))
      throw absent(remote, `${remote.isPinned === true ? "does not have" : "no longer has"} ${commit}`);
    throw error;
  }
  throw absent(
    remote,
    `does not serve ${commit}, and it is not among the last ${String(depths.at(-1))} commits of ${remote.branch ?? "its default branch"}`,
  );
}

function absent({ url, isPinned }: GitRemote, why: string): ImageSourceError {
  const message = `${url} ${why}`;
  const anyCommit = "To fetch any commit, set uploadpack.allowAnySHA1InWant on the server.";
  return isPinned === true
    ? new ImageSourceError({
        code: "SOURCE_NOT_FOUND",
        message,
        hint: `Check \`revision\`, and \`repo\` in the option \`templates\`. ${anyCommit}`,
      })
    : new ImageSourceError({
        code: "CHECKOUT_FAILED",
        message,
        again: true,
        hint: `Retry: the branch has moved since the lookup. ${anyCommit}`,
      });
}

/** Whether the server serves the commit by its hash; false if only its branches may contain it. */
async function isServed(fetching: Promise<string>): Promise<boolean> {
  try {
    await fetching;
    return true;
  } catch (error) {
    if (error instanceof GitFailure && isCommitHidden(error)) return false;
    throw error;
  }
}

async function isThere(git: GitSession, commit: string): Promise<boolean> {
  try {
    await git.run(["cat-file", "-e", `${commit}^{commit}`]);
    return true;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}
