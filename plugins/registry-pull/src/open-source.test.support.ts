import {
  allowedRuntimes,
  createMask,
  createSpine,
  defaultPlatform,
  noCredentials,
  silentLog,
  type Clock,
  type ContainerEngine,
  type ImageProvider,
  type Platform,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import registryPull from "./index.js";
import type { RegistryOptions } from "./registry-options.js";

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

const untouched = (): never => {
  throw new Error("this edge is not to be touched");
};

/** The options as the host would hand them on; rejects with the complaints of the schema. */
export async function checkedOptions(written: unknown): Promise<RegistryOptions> {
  const result = await registryPull.options?.["~standard"].validate(written);
  if (result === undefined) throw new Error("the plugin has no schema");
  if (result.issues !== undefined) throw new Error(result.issues.map(({ message }) => message).join("; "));
  return result.value;
}

/** An edge that throws whichever of its methods is called. */
export const untouchableEngine = new Proxy({} as ContainerEngine, { get: () => untouched });

/** The plugin's source behind the spine, with an engine and no other edge. */
export async function openSource(parts: {
  readonly engine: ContainerEngine;
  readonly prefix: string;
  readonly options?: unknown;
  readonly platform?: Platform | undefined;
  /** Default: one that nobody can write to. */
  readonly cacheDir?: string;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly wallMs?: () => number;
}): Promise<ImageProvider> {
  const { engine, prefix, options = {} } = parts;
  const registry = { mode: "registry", prefix } as const;
  const mask = createMask();
  const source = registryPull.create(await checkedOptions(options), {
    env: {},
    registry,
    platform: "platform" in parts ? parts.platform : defaultPlatform,
    store: createStore({ directory: parts.cacheDir ?? "/dev/null/cache", env: {} }),
    engine,
    connectEngine: untouched,
    credentials: noCredentials,
    fetch: untouched,
    run: untouched,
    clock: { ...clock, wallMs: () => parts.wallMs?.() ?? Date.now() },
    log: silentLog,
    mask,
  });
  return createSpine({
    source,
    selection: { source: source.name, mode: "registry", because: "a test" },
    registry,
    runtimes: allowedRuntimes([], "default"),
    timeoutMs: 60_000,
    mask,
    clock,
    log: silentLog,
  });
}
