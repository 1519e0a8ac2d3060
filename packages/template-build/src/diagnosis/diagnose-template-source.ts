import { fine, runChecks, type Call, type Finding, type SourceServices } from "@molecule/core";
import { isolationSuffix, isolationVariable } from "../local-reference.js";
import type { ForgeProbe, TemplateForge } from "../template-forge.js";
import { checkClock } from "./check-clock.js";
import { checkGit } from "./check-git.js";

/** What building templates needs besides the builder: the forge, the clock, git, usable names. */
export function diagnoseTemplateSource(
  forge: TemplateForge,
  services: Pick<SourceServices, "env" | "run" | "clock">,
  { signal }: Call,
): Promise<readonly Finding[]> {
  const { env, clock } = services;
  // Two findings of one request.
  let probe: Promise<ForgeProbe> | undefined;
  const probed = (within: AbortSignal): Promise<ForgeProbe> => (probe ??= forge.probe({ signal: within }));
  return runChecks(
    [
      { id: "forge", run: async (within) => fine((await probed(within)).said) },
      {
        id: "clock",
        run: async (within) => {
          const timeMs = await probed(within).then(
            (answer) => answer.timeMs,
            () => undefined,
          );
          return timeMs === undefined ? undefined : checkClock(clock.wallMs(), timeMs);
        },
      },
      { id: "git", run: (within) => checkGit(services, within) },
      {
        id: "isolation",
        run: async () => {
          const suffix = isolationSuffix(env[isolationVariable]);
          return suffix === "" ? undefined : fine(`names of images end with ${suffix}`);
        },
      },
    ],
    { signal, clock },
  );
}
