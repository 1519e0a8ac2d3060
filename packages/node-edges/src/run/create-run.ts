import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import {
  createHold,
  createLineSplitter,
  type Clock,
  type Hold,
  type Run,
  type RunOptions,
  type RunResult,
} from "@molecule/core";
import { descendantsOf } from "./process-tree.js";
import { endWithProcess } from "./this-process.js";
import { isRunning } from "./process-tree.js";
import { type ProcessMark } from "./process-tree.js";
import { findProgram } from "./find-program.js";
import { startFailure } from "./start-failure.js";

const defaultMaxOutputBytes = 1024 * 1024;
const defaultGraceMs = 2000;
/** The number of bytes passed on between two calls of `drained`. */
const partLength = 4 * 1024;
/** Interval at which the descendants of a program that is ending are listed. */
const pollMs = 25;

export interface RunEdges {
  readonly cwd: string;
  readonly clock: Clock;
  /** Signals a process, or its group for a negative number. An ended process is not an error. */
  readonly end: (target: number, signal: "SIGTERM" | "SIGKILL") => void;
}

const nothing = { exitCode: null, stdout: "", stderr: "" };

/**
 * Runs programs without a shell, by absolute path, in a process group that is ended as a whole. Rejects with
 * `TOOL_MISSING` for a program that exists but cannot be started.
 */
export function createRun({ cwd, clock, end }: RunEdges): Run {
  return async (command, args, options) => {
    if (options.signal?.aborted === true) return { ...nothing, ended: "cancelled" };
    const file = findProgram(command, options.env.PATH ?? "", options.cwd ?? cwd);
    if (file === undefined) return { ...nothing, ended: "not-found" };
    const directory = options.cwd ?? cwd;
    try {
      const child = spawn(file, args, { cwd: directory, env: options.env, detached: true, stdio: "pipe" });
      return await waitForExit(child, options, { clock, end });
    } catch (error) {
      throw await startFailure(file, directory, error);
    }
  };
}

function waitForExit(
  child: ChildProcess,
  options: RunOptions,
  edges: Omit<RunEdges, "cwd">,
): Promise<RunResult> {
  const { clock, end: send } = edges;
  const { keepOutput = true, maxOutputBytes = defaultMaxOutputBytes, graceMs = defaultGraceMs } = options;
  const max = keepOutput ? maxOutputBytes : undefined;
  let ended: RunResult["ended"] = "itself";
  const cleanups: (() => void)[] = [];
  const hold = createHold();

  function end(why: RunResult["ended"]): void {
    const leader = child.pid;
    if (ended !== "itself" || leader === undefined) return;
    ended = why;
    const killRest = trackDescendants(leader, edges);
    child.once("exit", killRest);
    cleanups.push(killRest);
    send(options.asksLeader === true ? leader : -leader, "SIGTERM");
    cleanups.push(
      clock.after(graceMs, () => {
        send(-leader, "SIGKILL");
        // A process that still holds the pipes has left the group.
        child.stdout?.destroy();
        child.stderr?.destroy();
        hold.end();
      }),
    );
  }

  // This process may have to exit immediately.
  cleanups.push(
    endWithProcess(() => {
      if (child.pid === undefined) return;
      for (const { pid } of descendantsOf(child.pid)) send(pid, "SIGKILL");
      send(-child.pid, "SIGKILL");
    }),
  );
  const cancel = (): void => {
    end("cancelled");
  };
  options.signal?.addEventListener("abort", cancel, { once: true });
  cleanups.push(() => options.signal?.removeEventListener("abort", cancel));
  if (options.timeoutMs !== undefined) {
    cleanups.push(
      clock.after(options.timeoutMs, () => {
        end("timed-out");
      }),
    );
  }
  const overflow = (): void => {
    end("too-much-output");
  };
  const { onLine, drained } = options;
  const listening = { onLine, drained, hold };
  const stdout = collect(child.stdout, max, overflow, listening);
  const stderr = collect(child.stderr, max, overflow, listening);
  const over = Promise.all([stdout.over, stderr.over]);
  // Prevents an unhandled rejection; handled when the program has exited.
  over.catch(() => undefined);
  // A program may end without reading its input; its exit code is more useful than EPIPE.
  child.stdin?.on("error", () => undefined).end(options.input ?? "");

  return new Promise<RunResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      over.then(() => {
        resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text(), ended });
      }, reject);
    });
  }).finally(() => {
    for (const cleanup of cleanups) cleanup();
  });
}

/**
 * Records the descendants of a program; the returned function kills the survivors. A group does not include processes
 * with their own session, and an interrupted tool does not end everything that it started.
 */
function trackDescendants(leader: number, { clock, end: send }: Omit<RunEdges, "cwd">): () => void {
  const descendants = new Map<number, ProcessMark>();
  let cancelPoll: () => void;
  function poll(): void {
    for (const descendant of descendantsOf(leader)) descendants.set(descendant.pid, descendant);
    cancelPoll = clock.after(pollMs, poll);
  }
  poll();
  return () => {
    cancelPoll();
    for (const descendant of descendants.values()) {
      if (!isRunning(descendant)) continue;
      for (const { pid } of descendantsOf(descendant.pid)) send(pid, "SIGKILL");
      send(descendant.pid, "SIGKILL");
    }
  };
}

interface Listening {
  readonly onLine: RunOptions["onLine"] | undefined;
  readonly drained: RunOptions["drained"] | undefined;
  /** Ends when the program is no longer waited for. */
  readonly hold: Hold;
}

interface Collected {
  text(): string;
  /** Resolves when the listener has received everything. */
  readonly over: Promise<void>;
}

/**
 * Collects a stream up to a limit, or nothing without one, and passes on its lines as they arrive. Once the hold
 * ends, the lines are no longer held back.
 */
function collect(
  stream: Readable | null,
  maxBytes: number | undefined,
  overflow: () => void,
  { onLine, drained, hold }: Listening,
): Collected {
  const splitter = onLine === undefined ? undefined : createLineSplitter(onLine);
  const chunks: Uint8Array[] = [];
  let bytes = 0;

  async function take(chunk: Uint8Array): Promise<void> {
    const part = maxBytes === undefined ? chunk : chunk.subarray(0, Math.max(0, maxBytes - bytes));
    bytes += chunk.length;
    if (maxBytes !== undefined) chunks.push(part);
    if (maxBytes !== undefined && bytes > maxBytes) overflow();
    for (let from = 0; splitter !== undefined && from < part.length; from += partLength) {
      splitter.write(part.subarray(from, from + partLength));
      const held = drained?.();
      if (held === undefined) continue;
      hold.add(held);
      await hold.released();
    }
  }

  // Not `data` and `pause()`: Node resumes the streams of a child when it exits.
  async function takeAll(): Promise<void> {
    try {
      for await (const chunk of stream ?? []) await take(chunk as Uint8Array);
    } catch (error) {
      // The stream is destroyed if the program does not exit.
      if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    }
    splitter?.end();
  }
  return { text: () => Buffer.concat(chunks).toString("utf8"), over: takeAll() };
}
