import { isAbsolute, join } from "node:path";
import type { Env } from "@molecule/core";

/** Where a person's configuration lives. By the XDG specification a relative path counts as unset. */
export function configHome(env: Env, home: string): string {
  return absolute(env.XDG_CONFIG_HOME) ?? join(home, ".config");
}

/** Where a person's caches live. */
export function cacheHome(env: Env, home: string): string {
  return absolute(env.XDG_CACHE_HOME) ?? join(home, ".cache");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
