import { classifyPullFailure } from "../engine-text/classify-pull-failure.js";
import { hintForStep } from "../engine-text/hint-for-step.js";
import { readFailedStep, type FailedStep, type ReportedFailure } from "../engine-text/read-failed-step.js";
import { ImageSourceError } from "../errors/errors.js";
import { oneLine } from "../text/one-line.js";
import type { BaseImages } from "./base-images.js";
import type { BuilderLog } from "./builder-log.js";
import { fetchedFrontend, fetchedImage } from "./fetched-image.js";

/** A builder's report about a build. */
export interface ReportedBuild extends Pick<BuilderLog<never>, "step" | "fetching"> {
  readonly bases: Pick<BaseImages, "used">;
  /** The last lines of output. */
  readonly tail: string;
}

/** The builder of a failed build, as errors describe it. */
export interface FailedBuilder {
  /** Such as `the container engine at unix:///var/run/docker.sock`. */
  readonly name: string;
  /** How to find out why it runs no command at all. */
  readonly runHint: string;
  /** Returns undefined unless the text says that its disk is full. */
  full(text: string, cause: unknown): ImageSourceError | undefined;
}

/**
 * Maps a failed build to an error: a full disk, a base image that cannot be pulled, a builder that cannot run commands,
 * or else `BUILD_FAILED`.
 */
export function buildFailure(
  { text, code = 0 }: Pick<ReportedFailure, "text" | "code">,
  build: ReportedBuild,
  builder: FailedBuilder,
  cause?: unknown,
): ImageSourceError {
  const { step, tail } = build;
  const place = step === undefined ? "" : ` at "${oneLine(step)}"`;
  return (
    builder.full(text, cause) ??
    commandFull(builder, tail, cause) ??
    baseFailure(text, build, cause) ??
    stepFailure(readFailedStep({ text, code, tail, step }), { place, tail, builder }, cause)
  );
}

/** Returns undefined unless the build failed to pull an image that it needs. */
function baseFailure(
  text: string,
  { step, fetching, bases }: ReportedBuild,
  cause: unknown,
): ImageSourceError | undefined {
  const at = step ?? fetching ?? "";
  const frontend = fetchedFrontend(at);
  const fetched = fetchedImage(at);
  // BuildKit downloads a layer only when a later step needs it.
  const images = bases.used.length === 0 ? "" : ` ${bases.used.map(oneLine).join(" or ")}`;
  const base =
    fetched === undefined ? `${images}${at === "" ? "" : ` at "${oneLine(at)}"`}` : ` ${oneLine(fetched)}`;
  const name =
    frontend === undefined
      ? `the base image${base}`
      : `the frontend ${oneLine(frontend)} from the Dockerfile's line "# syntax="`;
  const failure = classifyPullFailure(text, name, cause, fetched === undefined ? "building" : "fetching");
  // A FROM that is not an image reference is a mistake in the template.
  return failure?.code === "CONFIG_INVALID" ? undefined : failure;
}

/**
 * A command that fills the builder's disk fails with its own exit code; only its output gives the reason. Measured with
 * busybox: `dd: error writing '/big': No space left on device`.
 */
function commandFull(builder: FailedBuilder, tail: string, cause: unknown): ImageSourceError | undefined {
  const line = tail.split("\n").findLast((one) => /: No space left on device$/i.test(one));
  return line === undefined ? undefined : builder.full(line.toLowerCase(), cause)?.with({ output: tail });
}

interface StepPlace {
  /** For example ` at "[2/2] RUN make"`. */
  readonly place: string;
  readonly tail: string;
  readonly builder: FailedBuilder;
}

function stepFailure(
  failed: FailedStep,
  { place, tail, builder }: StepPlace,
  cause: unknown,
): ImageSourceError {
  const { exitCode, why, runtime, isForeign, missingSecret, missingFile } = failed;
  const output = tail === "" ? undefined : tail;
  if (runtime !== undefined) {
    return new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: `${builder.name} cannot run a step${place}: ${oneLine(runtime)}`,
      hint: isForeign
        ? "Register an emulator for the build's platform (Debian: `apt-get install qemu-user-static binfmt-support`), or set MOLECULE_IMAGE_PLATFORM=native for the engine's own."
        : builder.runHint,
      output,
      cause,
    });
  }
  const missing = missingSecret === undefined ? missingFile : `secret ${missingSecret}`;
  const reason = missing === undefined ? why : `${missing} not found`;
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `build failed${place}: ${exitCode === undefined ? oneLine(reason) : `exit code ${exitCode}`}`,
    hint: exitCode === killed ? killedHint : hintForStep(failed),
    output,
    cause,
  });
}

/**
 * The exit code of a command that SIGKILL ended. An engine that shuts down kills its commands and reports them as
 * failed.
 */
const killed = "137";
const killedHint =
  "The command was killed: the engine was restarted, so retry, or its machine has too little memory.";
