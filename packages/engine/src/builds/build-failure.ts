import { ImageSourceError, readFailedStep, type FailedStep } from "@molecule/core";
import type { BuildLog } from "./build-log.js";
import { classifyPullFailure } from "../images/classify-pull-failure.js";
import { engineFull } from "../connection/engine-errors.js";
import { fetchedImage } from "./fetched-image.js";
import { oneLine } from "../connection/one-line.js";

export interface ReportedFailure {
  /** The engine's error text, verbatim. */
  readonly text: string;
  /** The exit code of the failed command if the engine reports it, else 0. */
  readonly code: number;
}

/** The engine's report about a build. */
export type ReportedBuild = Pick<BuildLog, "step" | "fetching" | "tail"> & {
  readonly bases: Pick<BuildLog["bases"], "used">;
};

/**
 * Maps a failed build to an error: a full disk, a base image that cannot be pulled, an engine that cannot run commands,
 * or else `BUILD_FAILED`.
 */
export function buildFailure(
  { text, code }: ReportedFailure,
  build: ReportedBuild,
  address: string,
  cause: unknown,
): ImageSourceError {
  const { step, tail } = build;
  const place = step === undefined ? "" : ` at "${oneLine(step)}"`;
  return (
    engineFull(address, text, cause) ??
    commandFull(address, tail, cause) ??
    baseFailure(text, build, cause) ??
    stepFailure(readFailedStep({ text, code, tail }), { place, tail, address }, cause)
  );
}

/** Returns undefined unless the build failed to pull an image that it needs. */
function baseFailure(
  text: string,
  { step, fetching, bases }: ReportedBuild,
  cause: unknown,
): ImageSourceError | undefined {
  const at = step ?? fetching ?? "";
  const isFetching = fetchedImage(at) !== undefined;
  // BuildKit downloads a layer only when a later step needs it.
  const images = isFetching || bases.used.length === 0 ? "" : ` ${bases.used.map(oneLine).join(" or ")}`;
  const name = `the base image${images}${at === "" ? "" : ` at "${oneLine(at)}"`}`;
  const failure = classifyPullFailure(text, name, cause, isFetching ? "fetching" : "building");
  // A FROM that is not an image reference is a mistake in the template.
  return failure?.code === "CONFIG_INVALID" ? undefined : failure;
}

/**
 * A command that fills the engine's disk fails with its own exit code; only its output gives the reason. Measured with
 * busybox: `dd: error writing '/big': No space left on device`.
 */
function commandFull(address: string, tail: string, cause: unknown): ImageSourceError | undefined {
  const line = tail.split("\n").findLast((one) => /: No space left on device$/i.test(one));
  return line === undefined
    ? undefined
    : engineFull(address, line.toLowerCase(), cause)?.with({ output: tail });
}

interface StepPlace {
  /** For example ` at "[2/2] RUN make"`. */
  readonly place: string;
  readonly tail: string;
  readonly address: string;
}

function stepFailure(
  { exitCode, why, runtime, isForeign, missingSecret }: FailedStep,
  { place, tail, address }: StepPlace,
  cause: unknown,
): ImageSourceError {
  const output = tail === "" ? undefined : tail;
  if (runtime !== undefined) {
    return new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: `the container engine at ${address} cannot run a step${place}: ${oneLine(runtime)}`,
      hint: isForeign
        ? "Register an emulator for the build's platform (Debian: `apt-get install qemu-user-static binfmt-support`), or set MOLECULE_IMAGE_PLATFORM=native for the engine's own."
        : "Check the engine's log and its OCI runtime (runc or crun): any container should fail the same way.",
      output,
      cause,
    });
  }
  if (missingSecret !== undefined) {
    return new ImageSourceError({
      code: "BUILD_FAILED",
      message: `build failed${place}: secret ${oneLine(missingSecret)} not found`,
      hint: `Set \`secrets.${oneLine(missingSecret)}\` in the options of the source.`,
      output,
      cause,
    });
  }
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `build failed${place}: ${exitCode === undefined ? oneLine(why) : `exit code ${exitCode}`}`,
    hint: exitCode === killed ? killedHint : templateHint,
    output,
    cause,
  });
}

const templateHint =
  "Read the last lines of the output, then fix the Dockerfile or the commands that it runs.";

/**
 * The exit code of a command that SIGKILL ended. An engine that shuts down kills its commands and reports them as
 * failed.
 */
const killed = "137";
const killedHint =
  "The command was killed: the engine was restarted, so retry, or its machine has too little memory.";
