import { fine, runChecks, type Call, type Clock, type Finding } from "@molecule/core";
import { describeBuilder } from "./builder-workers.js";
import type { BuildctlCommand } from "./buildctl-command.js";

/** Checks that buildctl exists and that each builder responds. */
export function diagnoseBuildkit(
  buildctl: BuildctlCommand,
  clock: Clock,
  { signal }: Call,
): Promise<readonly Finding[]> {
  const { addresses } = buildctl;
  const checks = addresses.map((address, index) => ({
    id: addresses.length === 1 ? "buildkit" : `buildkit.${String(index + 1)}`,
    run: async (within: AbortSignal): Promise<ReturnType<typeof fine>> => {
      const { version, platforms } = await describeBuilder(buildctl, address, { signal: within });
      const [own = "no platform", ...others] = platforms;
      const emulated = others.length === 0 ? "" : ` and ${String(others.length)} more`;
      return fine(`BuildKit ${version} at ${buildctl.describe(address)} builds for ${own}${emulated}`);
    },
  }));
  return runChecks(checks, { signal, clock });
}
