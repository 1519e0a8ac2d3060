import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createOutputTail,
  escapeControls,
  foreignBase,
  ImageSourceError,
  readFailedStep,
  runsOn,
  unreportedWorkMs,
  type Call,
  type ForeignBase,
  type Platform,
  type StepReport,
} from "@molecule/core";
import { layOutContext, secretArguments, type AuthFile, type BuildPlan } from "@molecule/template-build";
import { authArguments, buildArguments, buildFiles } from "./build-arguments.js";
import { buildFailure, transferFailure, unexplainedImage } from "./build-failure.js";
import { lastError, type BuildahCommand } from "./buildah-command.js";
import type { Isolation } from "./buildah-options.js";
import { watchBases } from "./watch-bases.js";

/** The inputs of a build run. */
export interface BuildMeans {
  readonly buildah: BuildahCommand;
  readonly auth: AuthFile;
  readonly isolation: Isolation;
}

/** Builds an image without a name; returns its ID. Rejects with `BUILD_FAILED`, or as the layout of a context does. */
export async function runBuild(
  { buildah, auth, isolation }: BuildMeans,
  plan: BuildPlan,
  report: StepReport,
  call: Call,
): Promise<string> {
  const { signal } = call;
  const place = await mkdtemp(join(plan.scratch, "build-"));
  const { platform } = plan;
  await writeFile(join(place, buildFiles.ignoreFile), "");
  const target = join(place, buildFiles.context);
  const dockerfileTarget = join(place, buildFiles.dockerfile);
  await layOutContext(plan.context, { target, dockerfileTarget, signal });

  // It reports neither the bytes of a base image nor when it commits a layer.
  report.allowIdle?.(unreportedWorkMs);
  const secrets = await secretArguments(plan.secrets, place);
  return auth.withCredentials(plan.baseRegistries, call, async (directory) => {
    const authArgs = authArguments(directory);
    const tail = createOutputTail();
    const foreign = watchBases();
    let error = "";
    let step: string | undefined;
    const onLine = (text: string): void => {
      const line = escapeControls(text);
      // It goes on below, where a registry described its refusal in several lines.
      if (line.startsWith("Error: ")) error = line;
      else if (error !== "" && error.length < maxErrorLength) error += `\n${line}`;
      foreign.take(line);
      const [, done, total] = /^(?:\[\d+\/\d+\] )?STEP (\d+)\/(\d+): /.exec(line) ?? [];
      if (done !== undefined) {
        step = line;
        report.amount(Number(done) - 1, Number(total), "steps");
      }
      tail.add(line);
      report.output(line);
    };
    const args = buildArguments(plan, isolation, [...secrets.args, ...authArgs]);
    const drained = () => report.drained?.();
    const options = { onLine, drained, keepOutput: false, moreEnv: secrets.env, cwd: place };
    const { exitCode, ended } = await buildah.run(args, call, options);
    if (exitCode !== 0 || ended !== "itself") {
      const image = unexplainedImage(error);
      if (image !== undefined) await explainPull(buildah, image, platform, authArgs, call);
      // Programs of a base for another platform do not run, and that is all a step says.
      const isForeign = readFailedStep({ text: lastError(error), tail: tail.text() }).isForeign;
      throw isForeign && isOtherBase(foreign.base, platform)
        ? foreignBase(foreign.base, platform)
        : buildFailure(error, { step, tail: tail.text() });
    }
    const id = (await readFile(join(place, buildFiles.idFile), "utf8")).trim();
    const { base } = foreign;
    if (!isOtherBase(base, platform)) return id;
    await buildah.read(["rmi", id], call).catch(() => undefined);
    throw foreignBase(base, platform);
  });
}

function isOtherBase(base: ForeignBase | undefined, platform: Platform): base is ForeignBase {
  return base !== undefined && !runsOn(base.platform, platform);
}

/** Of what may be more than buildah's own words. */
const maxErrorLength = 8 * 1024;

/** buildah does not say why it could not fetch the image of a `COPY --from`. A pull does: rejects with it. */
async function explainPull(
  buildah: BuildahCommand,
  image: string,
  platform: string,
  authArgs: readonly string[],
  call: Pick<Call, "signal">,
): Promise<void> {
  // Without a registry's name it stands for a stage.
  if (!/^(?:[^/]*[.:][^/]*|localhost)\//.test(image)) return;
  const args = [
    "pull",
    "--quiet",
    "--policy=always",
    `--platform=${platform}`,
    ...authArgs,
    `docker://${image}`,
  ];
  await buildah.read(args, call, (said) => transferFailure(said, `the base image ${image}`, "pulled"));
  throw new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `the base image ${image} could not be fetched during the build, but can be now`,
    hint: "Retry the build.",
    transient: {},
  });
}
