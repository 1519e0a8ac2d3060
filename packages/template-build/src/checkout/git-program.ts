import type { ChildProcess } from "node:child_process";
import { ImageSourceError, type Env } from "@molecule/core";
import { findProgram } from "@molecule/node-edges";
import { killGroup, killTree } from "./processes.js";

/** A git, and how to end it. */
export interface GitProgram {
  /** An absolute path. */
  readonly git: string;
  /** Starts a program in a process group of its own, for simple-git, which cannot; undefined if there is none. */
  readonly setsid: string | undefined;
  /** Ends a git that simple-git has started, and everything that this git has started. */
  kill(processId: number): void;
}

/** Finds git, and the tools to end it, in absolute entries of `PATH` only. Throws `TOOL_MISSING`. */
export function findGit({ PATH }: Env): GitProgram {
  const git = findProgram("git", PATH);
  if (git === undefined) throw gitMissing("git was not found in the absolute entries of PATH");
  const setsid = findProgram("setsid", PATH);
  if (setsid !== undefined) return { git, setsid, kill: killGroup };
  const ps = findProgram("ps", PATH);
  if (ps === undefined) throw psMissing();
  return {
    git,
    setsid,
    kill: (processId) => {
      killTree(processId, ps);
    },
  };
}

/**
 * Ends what the leader of a process group has started if a signal kills the leader alone, as Linux does when memory runs
 * out. A helper would keep git's output open, and wait for the server without a limit.
 */
export function endGroupWithLeader(leader: ChildProcess): void {
  const { pid } = leader;
  if (pid === undefined) return;
  leader.once("exit", (_code, killedBy) => {
    if (killedBy !== null) killGroup(pid);
  });
}

/** Throws `TOOL_MISSING` if `git version` is too old to read its configuration from the environment. */
export function assertGitVersion(output: string): void {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(output) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 31)) return;
  throw gitMissing(`git 2.31 or later is needed, found ${JSON.stringify(output.trim().slice(0, 80))}`);
}

/** Returns `TOOL_MISSING` for a git that is not found or cannot be used. */
export function gitMissing(message: string): ImageSourceError {
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
