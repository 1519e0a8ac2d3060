import { escapeControls } from "@molecule/core";
import { readGit, type GitProcessParts } from "./git-process.js";
import { assertGitVersion, gitMissing } from "./git-program.js";
import { GitFailure } from "./git-session.js";

/**
 * Rejects with `TOOL_MISSING` unless git runs and is recent enough, with `STORAGE_UNUSABLE` if it cannot be started, or
 * with the signal's reason.
 */
export async function assertGit(parts: GitProcessParts): Promise<void> {
  const reading = readGit(parts, ["version"], 1024).catch((error: unknown) => {
    if (!(error instanceof GitFailure)) throw error;
    // Even this, which needs nothing but git, failed: a library is missing, for example.
    const line = escapeControls(error.stderr.trim()).split("\n").at(-1)?.slice(0, 200);
    throw gitMissing(`${parts.program.git} cannot be run: ${line || error.message}`);
  });
  assertGitVersion((await reading).stdout.toString("utf8"));
}
