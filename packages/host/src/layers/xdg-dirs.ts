import { isAbsolute, join } from "node:path";
import type { Env } from "@molecule/core";

/** Returns the user's configuration directory. As in the XDG specification, a relative path is ignored. */
export function configHome(env: Env, home: string): string {
  return absolute(env.XDG_CONFIG_HOME) ?? join(home, ".config");
}

/** Returns the user's cache directory. */
export function cacheHome(env: Env, home: string): string {
  return absolute(env.XDG_CACHE_HOME) ?? join(home, ".cache");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
