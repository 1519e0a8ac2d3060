import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { SimpleGitFactory, SimpleGitOptions } from "simple-git";
import { resourceExhausted } from "@molecule/core";
import { endWithProcess } from "@molecule/node-edges";
import type { GitProgram } from "./git-program.js";
import { splitTrace, type TracedAnswer } from "./git-trace.js";

/** git exited with a status other than 0. */
export class GitFailure extends Error {
  constructor(
    /** Null when a signal ended it. */
    readonly exitCode: number | null,
    /** The end of git's standard error, without the trace. */
    readonly stderr: string,
    /** The server's last response, if any. */
    readonly answer?: TracedAnswer,
  ) {
    super(`git ended with ${String(exitCode)}`);
  }
}

/** git was ended because it wrote more than is kept. */
export class TooMuchOutput extends GitFailure {}

export interface GitSession {
  /**
   * Runs git, concurrently with others if needed, and returns its stdout. Rejects with {@link GitFailure}, with {@link TooMuchOutput} when
   * that is more than 8 MiB, or with the signal's reason.
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

// simple-git keeps all output in memory, and the server decides how much there is.
const maxOutputBytes = 8 * 1024 * 1024;
const tailCharacters = 16 * 1024;

// simple-git's guards are for untrusted values; every value here is set by this package.
const permitted: NonNullable<SimpleGitOptions["unsafe"]> = {
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

/** Runs git through simple-git, in its own environment and, if the system supports it, its own process group. */
export async function openGitSession(parts: GitSessionParts): Promise<GitSession> {
  // Loaded only here: a call that needs no checkout does not pay for it.
  const { simpleGit } = await import("simple-git");
  return { run: (args) => runGit(simpleGit, parts, args) };
}

/** Runs one git. Others may run at the same time: each has an instance of simple-git of its own. */
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
    binary: program.prefix === undefined ? program.command : [program.command, program.prefix],
    allowEnvironment: Object.keys(environment),
    unsafe: permitted,
    // simple-git's default resolves while processes that git started may still write.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdErr }) => {
      // simple-git's default treats a killed git as a success.
      if (exitCode === 0) return error;
      const Failure = bytes > maxOutputBytes ? TooMuchOutput : GitFailure;
      const { words, answer } = splitTrace(Buffer.concat(stdErr).toString("utf8"));
      failure = new Failure(exitCode, words.slice(-tailCharacters), answer);
      return failure;
    },
  });
  git.env({ ...environment });

  const end = (): void => {
    if (started?.pid === undefined) return;
    const isRunning = started.exitCode === null && started.signalCode === null;
    // A group outlives its leader, and keeps the number from being given to another process; nothing else does.
    if (isRunning || program.prefix !== undefined) program.kill(started.pid);
  };

  // simple-git shows the streams of a process, but not the process: of those that Node starts, it is the one
  // that has these streams.
  const seen = new Set<ChildProcess>();
  let unstarted: unknown;
  const onProcess = (message: unknown): void => {
    const { process: child } = message as { process: ChildProcess };
    seen.add(child);
    // If git cannot be started, for lack of open files for example, simple-git lets the error escape.
    child.once("error", (error) => (unstarted = error));
  };

  git.outputHandler((_command, stdout, stderr) => {
    started = [...seen].find((child) => child.stdout === stdout);
    seen.clear();
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
  const stays = endWithProcess(end);
  try {
    return await git.raw([...args]);
  } catch (error) {
    // The failure to start is reported a moment after simple-git has tripped over it.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    throw failure ?? resourceExhausted("git cannot be started", unstarted) ?? error;
  } finally {
    stays();
    signal.removeEventListener("abort", end);
    unsubscribe("child_process", onProcess);
  }
}
