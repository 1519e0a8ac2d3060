import { createMask, type Env, type Mask } from "@molecule/core";
import { nodeEdges, withSafePath, type NodeEdges } from "@molecule/node-edges";
import { usableEnv } from "../config/usable-env.js";
import type { HostOptions } from "../contract/host.js";
import { knownSecrets } from "../log/known-secrets.js";

/** The environment that a host was opened in. */
export interface HostEnvironment {
  readonly env: Env;
  /** For programs: `HOME` is set, and `PATH` finds no program in the working directory. */
  readonly programEnv: Env;
  readonly home: string;
  readonly edges: NodeEdges;
  /** Masks the secrets of the environment. */
  readonly mask: Mask;
}

export function hostEnvironment(options: HostOptions): HostEnvironment {
  const { cwd, mask = createMask() } = options;
  const env = usableEnv(options.env);
  for (const secret of knownSecrets(env)) mask.add(secret);
  const edges = nodeEdges(env);
  const home = options.home ?? edges.home;
  const programEnv = withSafePath({ ...env, HOME: env.HOME ?? home }, [cwd, edges.cwd]);
  return { env, programEnv, home, edges, mask };
}
