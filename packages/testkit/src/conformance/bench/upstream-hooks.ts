import { inTime } from "./in-time.js";
import type { SuiteOptions, SuiteUpstream, SuiteWorld } from "../world/suite-options.js";
import type { EndFault, UpstreamFault } from "../world/upstream-faults.js";

/** The author's upstream. An error in one of its hooks names the hook, so that it is not mistaken for the source's. */
export interface UpstreamHooks {
  /** Reads the options again. */
  options(): unknown;
  readonly env: SuiteUpstream["env"];
  readonly registry: SuiteUpstream["registry"];
  readonly publish: SuiteUpstream["publish"];
  readonly impostor: ((reference: string) => Promise<void>) | undefined;
  hasFault(fault: UpstreamFault): boolean;
  /** Starts a fault. Ending it a second time does nothing. */
  startFault(fault: UpstreamFault): Promise<EndFault>;
  stop(): Promise<void>;
}

/** Starts the upstream of one law. */
export async function startUpstream(
  start: SuiteOptions["upstream"],
  world: SuiteWorld,
): Promise<UpstreamHooks> {
  const upstream = await hook("upstream", () => start(world));
  const { env, registry, faults = {} } = upstream;
  const impostor = upstream.impostor?.bind(upstream);
  return {
    options: () => named("options", () => upstream.options),
    env,
    registry,
    publish: (runtime, version) => hook("publish", () => upstream.publish(runtime, version)),
    impostor: impostor === undefined ? undefined : (reference) => hook("impostor", () => impostor(reference)),
    hasFault: (fault) => faults[fault] !== undefined,
    async startFault(fault) {
      const end = await hook(`faults.${fault}`, async () => faults[fault]?.());
      let ending: Promise<void> | undefined;
      return () => (ending ??= hook(`faults.${fault}`, async () => end?.()));
    },
    stop: () => hook("stop", async () => upstream.stop?.()),
  };
}

/** For real programs on a busy machine. */
const hookMs = 200_000;

async function hook<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await inTime(work(), "it", hookMs);
  } catch (error) {
    throw hookError(name, error);
  }
}

function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw hookError(name, error);
  }
}

function hookError(name: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`the upstream hook \`${name}\` failed: ${why}`, { cause });
}
