import { join } from "node:path";
import {
  createMask,
  silentLog,
  silentProgress,
  systemClock,
  type Call,
  type Env,
  type SourceServices,
} from "@molecule/core";
import { createStore, nodeEdges } from "@molecule/node-edges";

/** A call that nobody aborts. */
export const quietCall: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

/** Returns the services of a source in local mode, with its cache below the directory. It has no engine. */
export function sourceServices(
  directory: string,
  env: Env,
  platform?: SourceServices["platform"],
): SourceServices {
  const services: Partial<SourceServices> = {
    ...nodeEdges({}),
    env,
    registry: { mode: "local", prefix: "molecule-local" },
    platform,
    store: createStore({ directory: join(directory, "cache"), env }),
    clock: systemClock,
    log: silentLog,
    mask: createMask(),
  };
  return services as SourceServices;
}
