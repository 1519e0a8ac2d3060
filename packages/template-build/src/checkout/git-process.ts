import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { resourceExhausted } from "@molecule/core";
import { endWithProcess, startingInGroup } from "@molecule/node-edges";
import { endGroupWithLeader, type GitProgram } from "./git-program.js";
import { GitFailure, TooMuchOutput } from "./git-session.js";
import { splitTrace } from "./git-trace.js";

/** A running git whose input and output are streams of bytes. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Resolves when git has exited with status 0 and its output has been read. Rejects with {@link GitFailure}, with the
   * signal's reason, or with another error after {@link end}. A rejection may be ignored.
   */
  readonly ended: Promise<void>;
  /** Kills git and everything it has started. Does nothing if it has ended. */
  end(): void;
}

export interface GitProcessParts {
  readonly program: GitProgram;
  /** The directory git runs in. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const tailBytes = 16 * 1024;

/**
 * Starts git in its own environment and, if the system supports it, its own process group. For bytes and long
 * conversations: simple-git converts all output to text and has no input. Rejects with `STORAGE_UNUSABLE` if the
 * machine has run out of processes or open files, or with the signal's reason.
 */
export async function startGit(
  { program, directory, environment, signal }: GitProcessParts,
  args: readonly string[],
): Promise<GitProcess> {
  signal.throwIfAborted();
  const all = program.prefix === undefined ? args : [program.prefix, ...args];
  const hasStarted = startingInGroup();
  const child = spawn(program.command, all, { cwd: directory, env: environment, stdio: "pipe" });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw resourceExhausted("git cannot be started", error) ?? error;
  } finally {
    hasStarted();
  }
  const { stdin, stdout, stderr } = child;
  let [hasEnded, isKilled] = [false, false];
  const end = (): void => {
    if (child.pid === undefined || hasEnded) return;
    isKilled = true;
    program.kill(child.pid);
  };
  let tail = Buffer.alloc(0);
  stderr.on("data", (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
  });
  // git may exit without reading its input; its status says more than EPIPE.
  stdin.on("error", () => undefined);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const detach = endWithProcess(end);
  endGroupWithLeader(child, program);
  const ended = once(child, "close").then(([exitCode]: (number | null)[]) => {
    hasEnded = true;
    detach();
    signal.removeEventListener("abort", end);
    if (exitCode === 0) return;
    signal.throwIfAborted();
    // Not a failure of git, which would mean that the repository is damaged.
    if (isKilled) throw new Error(`git ${args[0] ?? ""} was ended`);
    throw new GitFailure(args[0] ?? "", exitCode ?? null, splitTrace(tail.toString("utf8")).text);
  });
  ended.catch(() => undefined);
  return { stdin, stdout, ended, end };
}

/**
 * Runs a git that reads the repository, and returns its output. Rejects like {@link GitProcess.ended}, or with
 * {@link TooMuchOutput}.
 */
export async function readGit(
  parts: GitProcessParts,
  args: readonly string[],
  maxBytes: number,
): Promise<Buffer> {
  const git = await startGit(parts, args);
  git.stdin.end();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) git.end();
    else chunks.push(chunk);
  }
  if (bytes > maxBytes) {
    await git.ended.catch(() => undefined);
    throw new TooMuchOutput(args[0] ?? "", null, "");
  }
  await git.ended;
  return Buffer.concat(chunks);
}
