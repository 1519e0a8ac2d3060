import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { SimpleGitFactory, SimpleGitOptions } from "simple-git";
import { endWithProcess, startFailure, startingInGroup } from "@molecule/node-edges";
import { endGroupWithLeader, type GitProgram } from "./git-program.js";
import { splitTrace, type TracedResponse } from "./git-trace.js";

/** git exited with a status other than 0. */
export class GitFailure extends Error {
  constructor(
    /** The git command, such as `fetch`. */
    readonly command: string,
    /** Null if a signal ended it. */
    readonly exitCode: number | null,
    /** The end of git's standard error, without the trace. */
    readonly stderr: string,
    /** The server's last response, if any. */
    readonly response?: TracedResponse,
  ) {
    super(`git ${command} ended with ${String(exitCode)}`);
  }
}

/** git was stopped because its output exceeded the limit. */
export class TooMuchOutput extends GitFailure {}

export interface GitSession {
  /**
   * Runs git and returns its stdout. Calls may run concurrently. Rejects with {@link GitFailure}, with
   * {@link TooMuchOutput} if the output exceeds the limit, or with the signal's reason.
   */
  run(args: readonly string[]): Promise<string>;
}

export interface GitSessionParts {
  readonly program: GitProgram;
  /** The directory git runs in. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onStderr: (chunk: Buffer) => void;
}

// simple-git keeps all output in memory, and the server determines its size.
const maxOutputBytes = 8 * 1024 * 1024;
const tailCharacters = 16 * 1024;

// simple-git's guards are for untrusted values; every value here is set by this package.
const allowedOptions: NonNullable<SimpleGitOptions["unsafe"]> = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeCustomBinary: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeTemplateDir: true,
};

/** Why a process could not be started; undefined if it was, or may still be. */
const startErrors = new WeakMap<ChildProcess, Error | undefined>();

/**
 * Records the error of a process that cannot be started, for example because of too many open files: simple-git does not
 * handle it. Concurrent runs of git see the processes of all, so each process gets one listener.
 */
function recordStartError(child: ChildProcess): void {
  if (startErrors.has(child)) return;
  startErrors.set(child, undefined);
  child.once("error", (error) => startErrors.set(child, error));
}

/** Loads simple-git lazily: calls without a checkout start faster without it. */
export async function loadSimpleGit(): Promise<SimpleGitFactory> {
  return (await import("simple-git")).simpleGit;
}

/** Runs git through simple-git, in its own environment and, if the system supports it, its own process group. */
export async function openGitSession(parts: GitSessionParts): Promise<GitSession> {
  const simpleGit = await loadSimpleGit();
  return { run: (args) => runGit(simpleGit, parts, args) };
}

/** Runs git once. Each run has its own instance of simple-git, so runs can be concurrent. */
async function runGit(
  simpleGit: SimpleGitFactory,
  { program, directory, environment, signal, onStderr }: GitSessionParts,
  args: readonly string[],
): Promise<string> {
  signal.throwIfAborted();
  let failure: GitFailure | undefined;
  let started: ChildProcess | undefined;
  let bytes = 0;

  const git = simpleGit({
    baseDir: directory,
    binary: program.setsid === undefined ? program.git : [program.setsid, program.git],
    allowEnvironment: Object.keys(environment),
    unsafe: allowedOptions,
    // simple-git's default resolves while processes that git started may still write.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdErr }) => {
      // simple-git's default treats a killed git as a success.
      if (exitCode === 0) return error;
      const Failure = bytes > maxOutputBytes ? TooMuchOutput : GitFailure;
      const { text, response } = splitTrace(Buffer.concat(stdErr).toString("utf8"));
      failure = new Failure(args[0] ?? "", exitCode, text.slice(-tailCharacters), response);
      return failure;
    },
  });
  git.env({ ...environment });

  const end = (): void => {
    if (started?.pid === undefined) return;
    const isRunning = started.exitCode === null && started.signalCode === null;
    // While a process group exists, its ID is not reused, even after its leader has exited. A single process's ID may be.
    if (isRunning || program.setsid !== undefined) program.kill(started.pid);
  };

  // simple-git exposes the streams of its process, but not the process itself, so it is identified by its streams among
  // all processes that Node starts.
  const children = new Set<ChildProcess>();
  const onProcess = (message: unknown): void => {
    const { process: child } = message as { process: ChildProcess };
    children.add(child);
    recordStartError(child);
  };

  const hasStarted = startingInGroup();
  git.outputHandler((_command, stdout, stderr) => {
    hasStarted();
    started = [...children].find((child) => child.stdout === stdout);
    children.clear();
    // Without a group, nothing can be found after the end of git.
    if (started !== undefined && program.setsid !== undefined) endGroupWithLeader(started);
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxOutputBytes) end();
    };
    stdout.on("data", count);
    stderr.on("data", (chunk: Buffer) => {
      count(chunk);
      onStderr(chunk);
    });
    if (signal.aborted) end();
  });

  subscribe("child_process", onProcess);
  signal.addEventListener("abort", end, { once: true });
  const detach = endWithProcess(end);
  try {
    return await git.raw([...args]);
  } catch (error) {
    // simple-git rejects before Node emits the error of a failed start.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const startError = [started, ...children].flatMap((child) => (child && startErrors.get(child)) ?? [])[0];
    if (failure !== undefined || startError === undefined) throw failure ?? error;
    throw await startFailure(program.setsid ?? program.git, directory, startError);
  } finally {
    hasStarted();
    detach();
    signal.removeEventListener("abort", end);
    unsubscribe("child_process", onProcess);
  }
}
