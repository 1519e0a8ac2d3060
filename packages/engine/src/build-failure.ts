import { ImageSourceError } from "@molecule/core";
import type { BuildNarration } from "./build-narration.js";
import { classifyPullFailure } from "./classify-pull-failure.js";
import { engineFull } from "./engine-errors.js";
import { fetchedImage } from "./fetched-image.js";
import { oneLine } from "./one-line.js";

interface StatedFailure {
  /** The engine's own text. */
  readonly text: string;
  /** The exit code of the failed command where it is told apart, else 0. */
  readonly code: number;
}

/** What a failed build means: a full disk, a base image that cannot be had, or else `BUILD_FAILED`. */
export function buildFailure(
  { text, code }: StatedFailure,
  { step, tail }: Pick<BuildNarration, "step" | "tail">,
  address: string,
  cause: unknown,
): ImageSourceError {
  const place = step === undefined ? "" : ` at "${oneLine(step)}"`;
  const fetched =
    // Texts of a command could look like those of a registry: only steps that fetch an image are read that way.
    step !== undefined && fetchedImage(step) !== undefined
      ? classifyPullFailure(text, `the base image${place}`, cause)
      : undefined;
  return (
    engineFull(address, text, cause) ??
    commandFull(address, tail, cause) ??
    fetched ??
    new ImageSourceError({
      code: "BUILD_FAILED",
      message: `build failed${place}: ${why(text, code)}`,
      hint: exitCode(text, code) === killed ? killedHint : templateHint,
      output: tail === "" ? undefined : tail,
      cause,
    })
  );
}

/**
 * A command that fills the engine's disk fails by itself, and only its output says why. Measured, of busybox:
 * `dd: error writing '/big': No space left on device`.
 */
function commandFull(address: string, tail: string, cause: unknown): ImageSourceError | undefined {
  const line = tail.split("\n").findLast((one) => /: No space left on device$/i.test(one));
  return line === undefined
    ? undefined
    : engineFull(address, line.toLowerCase(), cause)?.with({ output: tail });
}

const templateHint =
  "Read the last lines of its output; the template's Dockerfile, or what it runs, must change.";

/** What SIGKILL ends a command with. An engine that is asked to end does that, and says that the command failed. */
const killed = "137";
const killedHint =
  "The command was killed: the engine was restarted, so call again, or its machine has too little memory.";

/**
 * Measured on 20.10.24: `The command '/bin/sh -c exit 3' returned a non-zero code: 3` (classic, code 3 beside it),
 * `executor failed running [/bin/sh -c exit 3]: exit code: 3` (BuildKit, no code).
 */
function exitCode(text: string, code: number): string | undefined {
  return code === 0 ? /\bexit code: (\d+)$/.exec(text)?.[1] : String(code);
}

function why(text: string, code: number): string {
  const status = exitCode(text, code);
  if (status !== undefined) return `exit code ${status}`;
  return oneLine(
    text.replace(/^failed to solve(?: with frontend \S+)?: (?:failed to create LLB definition: )?/, ""),
  );
}
