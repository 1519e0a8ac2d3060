import { delimiter, isAbsolute, resolve } from "node:path";
import type { Env } from "@molecule/core";

/**
 * Returns the environment with a `PATH` that is safe for looking up programs: without relative entries and without the
 * working directories, whose content may not be the user's.
 */
export function withSafePath(env: Env, workingDirectories: readonly string[]): Env {
  if (env.PATH === undefined) return env;
  const refused = new Set(workingDirectories.map((directory) => resolve(directory)));
  const entries = env.PATH.split(delimiter).filter(
    (entry) => isAbsolute(entry) && !refused.has(resolve(entry)),
  );
  return { ...env, PATH: entries.join(delimiter) };
}
