import { parsePlatform, platformOf, tryParse, type Call, type Platform } from "@molecule/core";
import type { BuildctlCommand } from "./buildctl-command.js";
import { builderUnavailable } from "./builder-unavailable.js";

/** A builder that responds. */
export interface Builder {
  /** Undefined is buildctl's default. */
  readonly address: string | undefined;
  /** Such as `v0.34.2`. */
  readonly version: string;
  /** The platforms that it runs or emulates, its own first. */
  readonly platforms: readonly Platform[];
}

interface Worker {
  readonly platforms?: readonly {
    readonly os?: string;
    readonly architecture?: string;
    readonly variant?: string;
  }[];
  readonly buildkitVersion?: { readonly version?: string } | null;
}

/** Asks a builder for its workers. Rejects with `ENGINE_UNAVAILABLE` if it does not respond or has none. */
export async function describeBuilder(
  buildctl: BuildctlCommand,
  address: string | undefined,
  call: Pick<Call, "signal">,
): Promise<Builder> {
  const text = await buildctl.read(address, ["debug", "workers", "--format={{json .}}"], call);
  const [worker] = workersOf(text);
  if (worker === undefined) throw builderUnavailable(buildctl.describe(address), "it has no worker");
  const platforms = (worker.platforms ?? []).flatMap(({ os = "", architecture = "", variant = "" }) => {
    const platform = tryParse(parsePlatform, platformOf({ os, architecture, variant }));
    return platform === undefined ? [] : [platform];
  });
  return { address, version: worker.buildkitVersion?.version ?? "unknown version", platforms };
}

function workersOf(text: string): readonly Worker[] {
  try {
    const workers: unknown = JSON.parse(text);
    return Array.isArray(workers) ? (workers as readonly Worker[]) : [];
  } catch {
    return [];
  }
}
