import type { ChildProcess } from "node:child_process";
import { escapeControls, ImageSourceError, type Env } from "@molecule/core";
import { findProgram } from "@molecule/node-edges";
import { killGroup, killTree } from "./processes.js";

/** The command that starts git. */
export interface GitProgram {
  readonly command: string;
  /** Arguments that precede git's own. */
  readonly prefix: string | undefined;
  /** Ends a git started with this command, and everything that git has started. */
  kill(processId: number): void;
}

/** Finds git, and the tools to end it, in absolute entries of `PATH` only. Throws `TOOL_MISSING`. */
export function findGit({ PATH }: Env): GitProgram {
  const git = findProgram("git", PATH);
  if (git === undefined) throw gitMissing("git was not found in the absolute entries of PATH");
  const setsid = findProgram("setsid", PATH);
  if (setsid !== undefined) return { command: setsid, prefix: git, kill: killGroup };
  const ps = findProgram("ps", PATH);
  if (ps === undefined) throw psMissing();
  return {
    command: git,
    prefix: undefined,
    kill: (processId) => {
      killTree(processId, ps);
    },
  };
}

/**
 * Ends what a git has started if a signal kills git alone, as Linux does when memory runs out. A helper would keep git's
 * output open, and wait for the server without a limit. Without process groups, nothing can be found after git's end.
 */
export function endGroupWithLeader(leader: ChildProcess, program: GitProgram): void {
  const { pid } = leader;
  if (pid === undefined || program.prefix === undefined) return;
  leader.once("exit", (_code, killedBy) => {
    if (killedBy !== null) program.kill(pid);
  });
}

/** Throws `TOOL_MISSING` if `git version` is too old to read its configuration from the environment. */
export function assertGitVersion(output: string): void {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(output) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 31)) return;
  throw gitMissing(`git 2.31 or later is needed, found ${JSON.stringify(output.trim().slice(0, 80))}`);
}

/** Returns `TOOL_MISSING`: even `git version`, which needs nothing but git, failed. */
export function gitBroken({ command, prefix }: GitProgram, text: string): ImageSourceError {
  const line = escapeControls(text).split("\n").at(-1) ?? "";
  return gitMissing(`${prefix ?? command} cannot be run: ${line.slice(0, 200)}`);
}

function gitMissing(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message,
    hint: "Install git 2.31 or later (Debian: apt install git; macOS: xcode-select --install) in a directory of PATH.",
  });
}

function psMissing(): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: "neither setsid nor ps was found in the absolute entries of PATH, so git could not be stopped",
    hint: "Install setsid (Debian: apt install util-linux) or ps (Debian: apt install procps) in a directory of PATH.",
  });
}
