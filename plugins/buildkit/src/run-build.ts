import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  baseImages,
  createBuildkitLog,
  createOutputTail,
  escapeControls,
  foreignBase,
  ImageSourceError,
  runsOn,
  type Call,
  type StepReport,
} from "@molecule/core";
import { layOutContext, secretArguments, type AuthFile, type BuildPlan } from "@molecule/template-build";
import { buildArguments, buildFiles, cacheRegistries } from "./build-arguments.js";
import { buildctlFailure } from "./buildctl-failure.js";
import { lastError, type BuildctlCommand } from "./buildctl-command.js";
import type { BuildkitOptions } from "./buildkit-options.js";
import { readProgress } from "./read-progress.js";

/** The inputs of a build run. */
export interface BuildMeans {
  readonly buildctl: BuildctlCommand;
  readonly auth: AuthFile;
  readonly options: Pick<BuildkitOptions, "cacheFrom" | "cacheTo">;
}

/** A finished build. */
export interface Built {
  /** The directory with the files of the build. */
  readonly place: string;
  /** BuildKit's description of the result, by key. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Returns a digest of BuildKit's description. Throws `BUILD_FAILED` if it is missing. */
export function digestIn({ metadata }: Pick<Built, "metadata">, key: string): string {
  const digest = metadata[key];
  if (typeof digest === "string") return digest;
  throw new ImageSourceError({
    code: "BUILD_FAILED",
    message: `buildctl did not report ${key}`,
    hint: "Use the version of buildctl that belongs to the builder.",
  });
}

/** Where the result goes. */
export interface BuildOutput {
  /** The exporter, as in `buildctl build --output`. */
  readonly exporter: Readonly<Record<string, string>>;
  /** The registries that the exporter pushes to. */
  readonly registries: readonly string[];
  /** More arguments of `buildctl build`. */
  readonly args: readonly string[];
}

/** Builds on the plan's machine. Rejects with `BUILD_FAILED`, or as the layout of a context does. */
export async function runBuild(
  { buildctl, auth, options }: BuildMeans,
  plan: BuildPlan,
  { exporter, registries, args: outputArgs }: BuildOutput,
  report: StepReport,
  call: Call,
): Promise<Built> {
  const { signal } = call;
  const address = (await plan.machine)?.address;
  const place = await mkdtemp(join(plan.scratch, "build-"));
  const at = (name: string): string => join(place, name);
  await mkdir(at(buildFiles.dockerfileDirectory));
  await writeFile(at(buildFiles.ignoreFile), "");
  const [target, dockerfileTarget] = [at(buildFiles.context), at(buildFiles.dockerfile)];
  const fileTime = unseenTime(plan.context.modifiedAt);
  await layOutContext(plan.context, { target, dockerfileTarget, signal, fileTime });
  const secrets = await secretArguments(plan.secrets, place);
  const all = [...new Set([...plan.baseRegistries, ...cacheRegistries(options), ...registries])];

  return auth.withCredentials(all, call, async (directory) => {
    const tail = createOutputTail();
    const bases = baseImages();
    const output = {
      line: (text: string) => {
        const line = escapeControls(text);
        tail.add(line);
        report.output(line);
      },
      amount: report.amount,
      quiet: report.quiet,
      allowIdle: (milliseconds: number | undefined) => report.allowIdle?.(milliseconds),
    };
    const log = createBuildkitLog(output, bases);
    const progress = readProgress((status) => {
      log.take(status);
    });
    // Without credentials, a directory that does not exist: buildctl must not read this user's own.
    const moreEnv = { ...secrets.env, DOCKER_CONFIG: directory ?? at("no-credentials") };
    const args = buildArguments(plan, options, exporter, [...secrets.args, ...outputArgs]);
    const { exitCode, ended } = await buildctl.run(address, args, call, {
      cwd: place,
      keepOutput: false,
      moreEnv,
      onLine: (line) => {
        progress.take(line);
      },
      drained: () => report.drained?.(),
    });
    log.end();
    const foreign = bases.foreign.find(({ platform }) => !runsOn(platform, plan.platform));
    if (foreign !== undefined) throw foreignBase(foreign, plan.platform);
    if (exitCode !== 0 || ended !== "itself") {
      const { step, fetching } = log;
      const build = { step, fetching, bases, tail: tail.text() };
      throw buildctlFailure(lastError(progress.text), build, buildctl.describe(address));
    }
    const metadata = JSON.parse(await readFile(at(buildFiles.metadata), "utf8")) as Built["metadata"];
    return { place, metadata };
  });
}

/**
 * Returns the time in seconds, with a random fraction, which no image contains. BuildKit transfers only files whose size
 * or time differs from those in the last context of the same name, and buildctl has one name for all contexts. Commits
 * of the same second would get each other's files.
 */
function unseenTime(modifiedAt: Date): number {
  return Math.floor(modifiedAt.getTime() / 1000) + randomInt(2 ** 22) / 2 ** 22;
}
