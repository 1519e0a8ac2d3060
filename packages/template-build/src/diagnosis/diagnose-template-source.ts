import {
  fine,
  runChecks,
  shortSha,
  type Call,
  type Check,
  type DiagnosisScope,
  type Finding,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import { isolationSuffix, isolationVariable } from "../local-reference.js";
import type { ForgeProbe, TemplateForge } from "../forge/template-forge.js";
import { checkClock } from "./check-clock.js";
import { checkGitService } from "./check-git-service.js";
import { checkGit } from "./check-git.js";

/** Checks what building templates needs in addition to the builder: the forge, the clock, git, usable names. */
export function diagnoseTemplateSource(
  forge: TemplateForge,
  services: Pick<SourceServices, "env" | "run" | "clock" | "fetch">,
  call: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const { env, clock, fetch } = services;
  // One request yields two findings.
  let probe: Promise<ForgeProbe> | undefined;
  const probed = (within: AbortSignal): Promise<ForgeProbe> =>
    (probe ??= forge.probe({ signal: within }, allowed));
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
          return suffix === "" ? undefined : fine(`image names end with ${suffix}`);
        },
      },
      ...named.map((runtime) => templateCheck(runtime, forge, fetch, call)),
    ],
    { signal: call.signal, clock },
  );
}

/** Checks whether the template of a runtime can be looked up, and its commit fetched. */
function templateCheck(
  runtime: RuntimeName,
  forge: TemplateForge,
  fetch: SourceServices["fetch"],
  call: Call,
): Check {
  return {
    id: `template.${runtime}`,
    run: async (signal) => {
      const { commit, remote } = await forge.head(runtime, { ...call, signal });
      await checkGitService(fetch, remote, signal);
      return fine(`${remote.url}, commit ${shortSha(commit)} of the branch ${remote.branch}`);
    },
  };
}
