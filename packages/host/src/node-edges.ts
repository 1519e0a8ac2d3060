import { homedir } from "node:os";
import process from "node:process";
import { systemClock as clock, type Clock, type Env, type Fetch, type Run } from "@molecule/core";
import { createFetch } from "./create-fetch.js";
import { createRun } from "./create-run.js";

/** The process and the machine, as this project reaches them. */
export interface NodeEdges {
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  /** The user's home directory; `/` where there is none. */
  readonly home: string;
  /** Where the process runs. */
  readonly cwd: string;
  /** Closes idle connections. */
  close(): void;
}

/** The edges over Node. Only the given environment counts, never that of the process. */
export function nodeEdges(env: Env): NodeEdges {
  const { fetch, close } = createFetch(env);
  const cwd = process.cwd();
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

/** The home directory of the environment, else of the user; `/` where there is none. */
export function homeOf(env: Env): string {
  if (env.HOME?.startsWith("/") === true) return env.HOME;
  try {
    return homedir();
  } catch {
    // A user without an entry in the password database, as in many containers.
    return "/";
  }
}
