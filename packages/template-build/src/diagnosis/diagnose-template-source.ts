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
import { isolationSuffix, isolationVariable } from "../image/local-reference.js";
import type { ForgeProbe } from "../forge/forge.js";
import type { TemplateForge } from "../forge/template-forge.js";
import { locateWorkingCopy } from "../working-copy/locate-working-copy.js";
import { checkClock } from "./check-clock.js";
import { checkGitService } from "../forge/check-git-service.js";
import { checkGit } from "./check-git.js";

/** Checks what building templates needs in addition to the builder: the forge, the clock, git, usable names. */
export function diagnoseTemplateSource(
  forge: TemplateForge,
  services: Pick<SourceServices, "env" | "run" | "clock" | "fetch">,
  call: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const { env, clock, fetch } = services;
  const fetched = allowed.filter((runtime) => forge.workingCopy(runtime) === undefined);
  const [first, ...others] = fetched.filter((runtime) => !forge.isApart(runtime));
  const apart = fetched.filter((runtime) => forge.isApart(runtime) && !named.includes(runtime));
  return runChecks(
    [
      ...(first === undefined ? [] : forgeChecks(forge, clock, [first, ...others])),
      ...apart.map((runtime) => ({
        id: `forge.${runtime}`,
        run: async (signal: AbortSignal) => fine((await forge.probe([runtime], { signal })).summary),
      })),
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

/** One request yields two findings. */
function forgeChecks(
  forge: TemplateForge,
  clock: SourceServices["clock"],
  runtimes: readonly [RuntimeName, ...RuntimeName[]],
): readonly Check[] {
  let probe: Promise<ForgeProbe> | undefined;
  const probed = (signal: AbortSignal): Promise<ForgeProbe> => (probe ??= forge.probe(runtimes, { signal }));
  return [
    { id: "forge", run: async (signal) => fine((await probed(signal)).summary) },
    {
      id: "clock",
      run: async (signal) => {
        const timeMs = await probed(signal).then(
          (response) => response.timeMs,
          () => undefined,
        );
        return timeMs === undefined ? undefined : checkClock(clock.wallMs(), timeMs);
      },
    },
  ];
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
      const path = forge.workingCopy(runtime);
      if (path !== undefined) {
        await locateWorkingCopy(runtime, path);
        return fine(`working copy at ${path}`);
      }
      const { commit, remote } = await forge.head(runtime, { ...call, signal });
      await checkGitService(fetch, remote, signal);
      const { url, branch = "HEAD", isPinned } = remote;
      return fine(
        `${url}, commit ${shortSha(commit)}${isPinned === true ? ", as configured" : ` of ${branch === "HEAD" ? "HEAD" : `the branch ${branch}`}`}`,
      );
    },
  };
}
