import { ImageSourceError, type Env } from "@molecule/core";
import { findTool } from "./find-tool.js";

/** The command that starts git. */
export interface GitProgram {
  readonly command: string;
  /** What stands before git's own arguments. */
  readonly prefix: string | undefined;
  /** Whether git leads a process group of its own, so that it can be ended with everything it started. */
  readonly leadsGroup: boolean;
}

/** Finds git, by absolute entries of `PATH` only. Rejects with `TOOL_MISSING`. */
export async function findGit(env: Env): Promise<GitProgram> {
  const git = await findTool("git", env["PATH"]);
  if (git === undefined) throw gitMissing("there is no git in the absolute entries of PATH");
  const setsid = await findTool("setsid", env["PATH"]);
  return setsid === undefined
    ? { command: git, prefix: undefined, leadsGroup: false }
    : { command: setsid, prefix: git, leadsGroup: true };
}

/** Throws `TOOL_MISSING` when `git version` names one that would not read its configuration from the environment. */
export function assertGitVersion(answer: string): void {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(answer) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 31)) return;
  throw gitMissing(
    `git 2.31 or later is needed, this one answers ${JSON.stringify(answer.trim().slice(0, 80))}`,
  );
}

function gitMissing(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message,
    hint: "Install git 2.31 or later (Debian: apt install git; macOS: xcode-select --install) in a directory of PATH.",
  });
}
