import {
  amiss,
  doubtful,
  fine,
  platformParts,
  runChecks,
  runsOn,
  type Call,
  type Clock,
  type Finding,
  type Platform,
  type Verdict,
} from "@molecule/core";
import { describeBuilder, type Builder } from "./builder-workers.js";
import type { BuildctlCommand } from "./buildctl-command.js";

/**
 * Checks that buildctl exists, and that each builder responds and can build for the platform.
 * @param platform undefined for the builders' own
 */
export function diagnoseBuildkit(
  buildctl: BuildctlCommand,
  platform: Platform | undefined,
  clock: Clock,
  { signal }: Pick<Call, "signal">,
): Promise<readonly Finding[]> {
  const { addresses } = buildctl;
  const checks = addresses.map((address, index) => ({
    id: addresses.length === 1 ? "buildkit" : `buildkit.${String(index + 1)}`,
    run: async (within: AbortSignal): Promise<Verdict> => {
      const builder = await describeBuilder(buildctl, address, { signal: within });
      return builderVerdict(builder, buildctl.describe(address), platform);
    },
  }));
  return runChecks(checks, { signal, clock });
}

function builderVerdict(
  { version, platforms }: Builder,
  address: string,
  platform: Platform | undefined,
): Verdict {
  const [own, ...others] = platforms;
  const emulated = others.length === 0 ? "" : ` and ${String(others.length)} more`;
  const found = `BuildKit ${version} at ${address} builds for ${own ?? "no platform"}${emulated}`;
  if (own === undefined || platform === undefined || runsOn(platformParts(platform), own)) return fine(found);
  return platforms.includes(platform)
    ? doubtful(`${found}: builds for ${platform} are emulated`, `Use builders that run on ${platform}.`)
    : amiss(
        `${found}, but not for ${platform}`,
        `Use builders that run on ${platform}, or register an emulator on the builder's machine.`,
      );
}
