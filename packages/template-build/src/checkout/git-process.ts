import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { endWithProcess, startFailure } from "@molecule/node-edges";
import { endGroupWithLeader, type GitProgram } from "./git-program.js";
import { GitFailure, TooMuchOutput } from "./git-session.js";
import { splitTrace, type TracedResponse } from "./git-trace.js";
import { killGroup } from "./processes.js";

/** A running git whose input and output are streams of bytes. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Resolves when git has exited with status 0 and its output has been read, with the server's last response, if any.
   * Rejects with {@link GitFailure}, with the signal's reason, or with another error after {@link end}. A rejection may be
   * ignored.
   */
  readonly ended: Promise<TracedResponse | undefined>;
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

/** Enough for the headers of a response, in git's trace. */
const tailBytes = 64 * 1024;

/**
 * Starts git in its own environment and process group. For bytes and long conversations: simple-git converts all output
 * to text and has no input. Also for lookups, because every hit waits for one: simple-git and its `setsid` add 1.4 ms.
 * Rejects with `TOOL_MISSING` or `STORAGE_UNUSABLE` if git cannot be started, or with the signal's reason.
 */
export async function startGit(
  { program, directory, environment, signal }: GitProcessParts,
  args: readonly string[],
): Promise<GitProcess> {
  signal.throwIfAborted();
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(program.git, args, { cwd: directory, env: environment, detached: true, stdio: "pipe" });
    await once(child, "spawn");
  } catch (error) {
    throw await startFailure(program.git, directory, error);
  }
  const { stdin, stdout, stderr } = child;
  let [hasEnded, isKilled] = [false, false];
  const end = (): void => {
    if (child.pid === undefined || hasEnded) return;
    isKilled = true;
    killGroup(child.pid);
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
  endGroupWithLeader(child);
  const ended = once(child, "close").then(([exitCode]: (number | null)[]) => {
    hasEnded = true;
    detach();
    signal.removeEventListener("abort", end);
    const { text, response } = splitTrace(tail.toString("utf8"));
    if (exitCode === 0) return response;
    signal.throwIfAborted();
    // Not a failure of git, which would mean that the repository is damaged.
    if (isKilled) throw new Error(`git ${args[0] ?? ""} was ended`);
    throw new GitFailure(args[0] ?? "", exitCode ?? null, text, response);
  });
  ended.catch(() => undefined);
  return { stdin, stdout, ended, end };
}

/** The output of git, and the last response of the server, if any. */
export interface GitOutput {
  readonly stdout: Buffer;
  readonly response: TracedResponse | undefined;
}

/**
 * Runs a git that only reads, and returns its output. Rejects like {@link startGit} and {@link GitProcess.ended}, or with
 * {@link TooMuchOutput}.
 */
export async function readGit(
  parts: GitProcessParts,
  args: readonly string[],
  maxBytes: number,
): Promise<GitOutput> {
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
  const response = await git.ended;
  return { stdout: Buffer.concat(chunks), response };
}
