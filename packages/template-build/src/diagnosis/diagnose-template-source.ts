import {
  doubtful,
  fine,
  runChecks,
  shortSha,
  type Call,
  type Check,
  type CheckEdges,
  type DiagnosisScope,
  type Finding,
  type ImageSourceError,
  type RuntimeName,
  type SourceServices,
  type Verdict,
} from "@molecule/core";
import { isolationSuffix, isolationVariable } from "../image/local-reference.js";
import type { ForgeProbe } from "../forge/forge.js";
import type { TemplateForge } from "../forge/template-forge.js";
import { locateWorkingCopy } from "../working-copy/locate-working-copy.js";
import { checkClock } from "./check-clock.js";
import { checkGitService } from "../forge/check-git-service.js";
import { checkGit } from "./check-git.js";
import { lookUpTemplates } from "./look-up-templates.js";

/** Checks what building templates needs in addition to the builder: the forge, the clock, git, usable names. */
export async function diagnoseTemplateSource(
  forge: TemplateForge,
  services: Pick<SourceServices, "env" | "run" | "clock" | "fetch">,
  call: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const { env, clock, fetch } = services;
  const fetched = allowed.filter((runtime) => forge.workingCopy(runtime) === undefined);
  const [first, ...others] = fetched.filter((runtime) => !forge.isApart(runtime));
  // A configured working copy must exist, whether it is named or not.
  const copies = allowed.filter((one) => !fetched.includes(one) && !named.includes(one));
  const isListed = named.length === 0;
  const apart = fetched.filter((runtime) => forge.isApart(runtime) && !named.includes(runtime));
  const edges = { signal: call.signal, clock };
  const ofForge =
    first === undefined ? [] : diagnoseForge(forge, [first, ...others], isListed ? call : undefined, edges);
  const checks = runChecks(
    [
      ...apart.map((runtime) => ({
        id: `forge.${runtime}`,
        run: async (signal: AbortSignal) =>
          forgeVerdict(forge, runtime, (await forge.probe([runtime], { signal })).summary),
      })),
      { id: "git", run: (within) => checkGit(services, within) },
      {
        id: "isolation",
        run: async () => {
          const suffix = isolationSuffix(env[isolationVariable]);
          return suffix === "" ? undefined : fine(`image names end with ${suffix}`);
        },
      },
      ...[...named, ...copies].map((runtime) => templateCheck(runtime, forge, fetch, call)),
    ],
    edges,
  );
  return (await Promise.all([ofForge, checks])).flat();
}

/** Warns about a problem with the templates, else if the connection to the forge is not encrypted. */
function forgeVerdict(
  forge: TemplateForge,
  runtime: RuntimeName,
  summary: string,
  problem?: ImageSourceError,
): Verdict {
  if (problem !== undefined) return doubtful(`${summary}: ${problem.message}`, problem.hint);
  return forge.isExposed(runtime)
    ? doubtful(`${summary}; the connection is not encrypted`, "Use the https address of the forge.")
    : fine(summary);
}

/**
 * Probes the forge, which yields two findings, then looks up the templates. Both have their own time limit: a slow
 * probe takes no time from the lookups.
 * @param listing the call for looking up the templates of all runtimes; undefined to look up none
 */
async function diagnoseForge(
  forge: TemplateForge,
  runtimes: readonly [RuntimeName, ...RuntimeName[]],
  listing: Call | undefined,
  edges: CheckEdges,
): Promise<readonly Finding[]> {
  let probe: Promise<ForgeProbe> | undefined;
  const probed = (signal: AbortSignal): Promise<ForgeProbe> => (probe ??= forge.probe(runtimes, { signal }));
  const { clock } = edges;
  const forgeCheck = async (signal: AbortSignal): Promise<Verdict> =>
    forgeVerdict(forge, runtimes[0], (await probed(signal)).summary);
  const clockCheck = async (signal: AbortSignal): Promise<Verdict | undefined> => {
    const timeMs = await probed(signal).then(
      (response) => response.timeMs,
      () => undefined,
    );
    return timeMs === undefined ? undefined : checkClock(clock.wallMs(), timeMs);
  };
  const findings = await runChecks(
    [
      { id: "forge", run: forgeCheck },
      { id: "clock", run: clockCheck },
    ],
    edges,
  );
  const [reached, ...others] = findings;
  if (listing === undefined || reached?.ok !== true) return findings;
  const templatesCheck = async (signal: AbortSignal): Promise<Verdict> => {
    const { summary } = await probed(signal);
    const found = await lookUpTemplates(forge, runtimes, { ...listing, signal }, clock);
    return forgeVerdict(forge, runtimes[0], `${summary}; ${found.summary}`, found.problem);
  };
  return [...(await runChecks([{ id: "forge", run: templatesCheck }], edges)), ...others];
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
      const { commit, remote } = await forge.head(forge.template(runtime, call.requested), {
        ...call,
        signal,
      });
      await checkGitService(fetch, remote, signal);
      const { url, branch = "HEAD", isPinned } = remote;
      return fine(
        `${url}, commit ${shortSha(commit)}${isPinned === true ? ", as configured" : ` of ${branch === "HEAD" ? "HEAD" : `the branch ${branch}`}`}`,
      );
    },
  };
}
