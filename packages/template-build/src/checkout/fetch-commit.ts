import { ImageSourceError } from "@molecule/core";
import type { CheckOutRequest } from "./check-out.js";
import type { RoutedRemote } from "./git-remote.js";
import { gitFailed, isCommitRefused } from "./git-failure.js";
import { GitFailure, type GitSession } from "./git-session.js";

const narrow = ["--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--progress"];

/** How many commits of the branch are fetched, one time after the other, where a commit alone is not given out. */
const depths = [1, 10, 50];

/**
 * Fetches the commit without history; from a server that gives out only its branches, the branch with as much
 * history as it takes to find the commit (docs/adr/0014). What else may have come is never checked out.
 */
export async function fetchCommit(
  git: GitSession,
  request: Pick<CheckOutRequest, "commit" | "directory"> & { readonly remote: RoutedRemote },
): Promise<void> {
  const { remote, commit, directory } = request;
  const fetched = (depth: number, what: string): Promise<string> =>
    git.run(["fetch", `--depth=${String(depth)}`, ...narrow, "--", remote.url, what]);
  try {
    if (await isGivenOut(fetched(1, commit))) return;
    for (const depth of depths) {
      await fetched(depth, `+refs/heads/${remote.branch}:refs/remotes/origin/${remote.branch}`);
      if (await isThere(git, commit)) return;
    }
  } catch (error) {
    throw error instanceof GitFailure
      ? gitFailed(error, { remote, commit, place: directory, step: "fetch" })
      : error;
  }
  throw new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: `${remote.url} does not give out ${commit}, and it is not among the last ${String(depths.at(-1))} commits of ${remote.branch}`,
    again: true,
    hint: "The branch has moved since it was looked up: call again. To fetch any commit, set uploadpack.allowAnySHA1InWant on the server.",
  });
}

async function isGivenOut(fetching: Promise<string>): Promise<boolean> {
  try {
    await fetching;
    return true;
  } catch (error) {
    if (error instanceof GitFailure && isCommitRefused(error)) return false;
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
