import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";
import { isAbsolute } from "node:path";
import process from "node:process";
import { systemClock as clock, type Clock, type Env, type Fetch, type Run } from "@molecule/core";
import { createFetch } from "./http/create-fetch.js";
import { createRun } from "./run/create-run.js";

/** The edges of the process and the machine. */
export interface NodeEdges {
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  /** The user's home directory; `/` if there is none. */
  readonly home: string;
  /** The directory in which the process and its child processes run; `/` if it was removed or cannot be entered. */
  readonly cwd: string;
  /** Closes idle connections. */
  close(): void;
}

/** Returns the edges on Node. Only the given environment is used, never that of the process. */
export function nodeEdges(env: Env): NodeEdges {
  const { fetch, close } = createFetch(env);
  const cwd = workingDirectory();
  const run = createRun({ cwd, clock, end });
  return { fetch, run, clock, home: homeOf(env), cwd, close };
}

function end(target: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Returns `HOME` of the environment, else the home directory in the user database, else `/`. */
export function homeOf(env: Env): string {
  const { HOME = "" } = env;
  if (isAbsolute(HOME)) return HOME;
  try {
    // Not `homedir()`, which uses `HOME` unchecked.
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : "/";
  } catch {
    // A user without an entry in the password database, as in many containers.
    return "/";
  }
}

function workingDirectory(): string {
  try {
    const directory = process.cwd();
    // No program can be started in a directory that cannot be entered.
    accessSync(directory, constants.X_OK);
    return directory;
  } catch {
    return "/";
  }
}
