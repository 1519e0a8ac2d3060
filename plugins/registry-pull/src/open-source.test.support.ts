import {
  allowedRuntimes,
  createMask,
  createSpine,
  defaultPlatform,
  noCredentials,
  silentLog,
  systemClock,
  type Clock,
  type ContainerEngine,
  type Env,
  type ImageProvider,
  type Log,
  type Platform,
  type RegistryClient,
  type Run,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import registryPull from "./index.js";
import type { RegistryOptions } from "./registry-options.js";

/** Skips the delays between retries, which are the only short ones of a call that nobody aborts. */
const hurriedClock: Clock = {
  ...systemClock,
  after: (milliseconds, callback) => systemClock.after(milliseconds <= 10_000 ? 0 : milliseconds, callback),
};

const untouched = (): never => {
  throw new Error("this edge must not be used");
};

/** Validates the options like the host; rejects with the schema's issues. */
export async function checkedOptions(written: unknown): Promise<RegistryOptions> {
  const result = await registryPull.options?.["~standard"].validate(written);
  if (result === undefined) throw new Error("the plugin has no schema");
  if (result.issues !== undefined) throw new Error(result.issues.map(({ message }) => message).join("; "));
  return result.value;
}

/** An edge whose methods all throw. */
export const untouchableEngine = new Proxy({} as ContainerEngine, { get: () => untouched });

/** Opens the plugin's source in the spine, with an engine but no other edge. */
export async function openSource(parts: {
  readonly engine: ContainerEngine;
  readonly prefix: string;
  readonly options?: unknown;
  readonly platform?: Platform | undefined;
  /** Default: programs cannot be run. */
  readonly run?: Run;
  readonly env?: Env;
  /** Default: no registry can be queried. */
  readonly registryClient?: RegistryClient;
  /** Default: an unwritable one. */
  readonly cacheDir?: string;
  /** Default: nothing is logged. */
  readonly log?: Log;
  /** Whether the delays between retries are skipped. */
  readonly hurried?: true;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly wallMs?: () => number;
}): Promise<ImageProvider> {
  const { engine, prefix, options = {}, log = silentLog } = parts;
  const registry = { mode: "registry", prefix } as const;
  const mask = createMask();
  const source = registryPull.create(await checkedOptions(options), {
    env: parts.env ?? {},
    registry,
    platform: "platform" in parts ? parts.platform : defaultPlatform,
    store: createStore({ directory: parts.cacheDir ?? "/dev/null/cache", env: {} }),
    engine,
    connectEngine: untouched,
    credentials: noCredentials,
    registryClient: parts.registryClient ?? {
      resolveDigest: untouched,
      readImage: untouched,
      tagImage: untouched,
    },
    fetch: untouched,
    run: parts.run ?? untouched,
    clock: { ...systemClock, wallMs: () => parts.wallMs?.() ?? Date.now() },
    log,
    mask,
  });
  return createSpine({
    source,
    callOptions: registryPull.callOptions,
    selection: { source: source.name, mode: "registry", because: "a test" },
    registry,
    runtimes: allowedRuntimes([], "default"),
    timeoutMs: 60_000,
    mask,
    clock: parts.hurried === true ? hurriedClock : systemClock,
    log,
  });
}
