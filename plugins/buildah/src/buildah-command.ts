import {
  ImageSourceError,
  type Call,
  type RunOptions,
  type RunResult,
  type SourceServices,
} from "@molecule/core";
import { buildahEnvironment } from "./buildah-environment.js";

/** Runs buildah with a minimal environment. Ends it together with its process group. */
export interface BuildahCommand {
  /**
   * Resolves whatever the exit code. Rejects with `TOOL_MISSING`, with `ENGINE_UNAVAILABLE` if something else killed it,
   * and with the signal's reason.
   */
  run(args: readonly string[], call: Pick<Call, "signal">, options?: BuildahRunOptions): Promise<RunResult>;
  /** Returns the output. Rejects if buildah fails: with the error that `refused` returns, else `ENGINE_UNAVAILABLE`. */
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
 * If only buildah itself gets SIGTERM, it removes the container and its mounts, within 0.3 s on an idle machine. If its
 * children get it too, cleanup often fails; after SIGKILL, it never happens. So buildah is killed late, and no caller waits
 * for that. On a busy machine, one build in six leaves the process of its step running; it is killed afterwards.
 */
const ending = { asksLeader: true, graceMs: 30_000 };
/** Enough for a list of many thousand images. */
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

/** Undefined unless the text contains the message of ENOSPC. */
export function storageFull(text: string): ImageSourceError | undefined {
  if (!text.includes("no space left on device")) return undefined;
  return new ImageSourceError({
    code: "STORAGE_UNUSABLE",
    message: `buildah's storage is full: ${shortError(text)}`,
    hint: "Free space on its disk (`buildah info` names the GraphRoot), for example with `buildah rmi --prune`.",
  });
}

/** Returns the last error in the output, without the prefix `Error: `; the last line if there is none. */
export function lastError(text: string): string {
  const lines = text.trim().split(/\r?\n/);
  const from = lines.findLastIndex((line) => line.startsWith("Error: "));
  return lines
    .slice(from)
    .join("\n")
    .replace(/^Error: /, "");
}

/** Like {@link lastError}, on one line and shortened in the middle, because the cause comes last. */
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
