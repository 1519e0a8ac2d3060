import {
  ImageSourceError,
  type Call,
  type RunOptions,
  type RunResult,
  type SourceServices,
} from "@molecule/core";
import { buildahEnvironment } from "./buildah-environment.js";

/** How buildah is run: an argument array, an environment of its own, ended with its whole group. */
export interface BuildahCommand {
  /**
   * Whatever its exit code. Rejects with `TOOL_MISSING`, with `ENGINE_UNAVAILABLE` when somebody else has killed it, and
   * with the signal's reason when that aborts.
   */
  run(args: readonly string[], call: Pick<Call, "signal">, options?: BuildahRunOptions): Promise<RunResult>;
  /** What it printed. Rejects also when it fails: `refused` says what that means, else it is `ENGINE_UNAVAILABLE`. */
  read(
    args: readonly string[],
    call: Pick<Call, "signal">,
    refused?: Refused,
    options?: Pick<BuildahRunOptions, "cwd">,
  ): Promise<string>;
}

export type BuildahRunOptions = Pick<RunOptions, "onLine" | "drained" | "keepOutput" | "cwd"> & {
  /** Variables in addition to those of every call. */
  readonly moreEnv?: Readonly<Record<string, string>>;
};
export type Refused = (stderr: string) => ImageSourceError | undefined;

/**
 * Asked alone, buildah removes container and mounts within 0.3 s on an idle machine; where its children get the signal as
 * well, less often; once killed, never. So it is killed late; nobody waits for that. The process of its running step it
 * leaves either way, one build in six on a busy machine: that is killed after it, as all that outlives a program.
 */
const ending = { asksLeader: true, graceMs: 30_000 };
/** Of a list of many thousand images. */
const maxOutputBytes = 64 * 1024 * 1024;

export function buildahCommand({ env, run: start }: Pick<SourceServices, "env" | "run">): BuildahCommand {
  const environment = buildahEnvironment(env);
  const run: BuildahCommand["run"] = async (args, { signal }, { moreEnv, ...options } = {}) => {
    signal.throwIfAborted();
    const result = await start("buildah", args, {
      env: { ...environment, ...moreEnv },
      signal,
      ...ending,
      maxOutputBytes,
      ...options,
    });
    if (result.ended === "not-found") throw toolMissing();
    signal.throwIfAborted();
    if (result.exitCode === null && result.ended === "itself") throw killed(args[0] ?? "");
    return result;
  };
  return {
    run,
    async read(args, call, refused = () => undefined, options = {}) {
      const { exitCode, ended, stdout, stderr } = await run(args, call, options);
      if (exitCode === 0 && ended === "itself") return stdout;
      throw refused(stderr) ?? storageFull(stderr) ?? failed(args[0] ?? "", stderr);
    },
  };
}

/** Undefined unless the words of ENOSPC are among buildah's. */
export function storageFull(text: string): ImageSourceError | undefined {
  if (!text.includes("no space left on device")) return undefined;
  return new ImageSourceError({
    code: "STORAGE_UNUSABLE",
    message: `buildah's storage is full: ${shortError(text)}`,
    hint: "Make room on its disk (`buildah info` names the GraphRoot), for example with `buildah rmi --prune`.",
  });
}

/** The last that it said went wrong, to its end; else its last line. Without the word before it. */
export function lastError(text: string): string {
  const lines = text.trim().split(/\r?\n/);
  const from = lines.findLastIndex((line) => line.startsWith("Error: "));
  return lines
    .slice(from)
    .join("\n")
    .replace(/^Error: /, "");
}

/** That as part of a message: on one line, and bounded; the cause comes last, and stays. */
export function shortError(text: string): string {
  const line = lastError(text).replaceAll(/\s*\n\s*/g, " / ");
  return line.length > maxLength ? `${line.slice(0, maxLength / 2)} … ${line.slice(-maxLength / 2)}` : line;
}

const maxLength = 400;

function toolMissing(): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: "buildah is not in PATH",
    hint: "Install it (Debian: `apt-get install buildah runc`), or choose another source for local mode.",
  });
}

function killed(verb: string): ImageSourceError {
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `buildah ${verb} was killed`,
    hint: "Check the kernel's log (`dmesg`); usually the machine ran out of memory. Then retry.",
  });
}

function failed(verb: string, stderr: string): ImageSourceError {
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `buildah ${verb} failed: ${shortError(stderr)}`,
    hint: "Run `buildah info` as this user: it reports what is wrong with the storage or the configuration.",
  });
}
