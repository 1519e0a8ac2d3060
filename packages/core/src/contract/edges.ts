/*
 * The edges of the process that this package needs. `@molecule/node-edges` implements them;
 * a host application or a test may replace them.
 */

/** A log for operators; a winston logger fits. Messages are constant, and varying data goes into the fields. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log that discards everything. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A clock that tests can replace. */
export interface Clock {
  /** Returns milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Returns milliseconds since 1970. This clock may be wrong and may jump: use it for expiry and order only. */
  wallMs(): number;
  /** Calls back once after that many milliseconds, keeping the process alive. Returns a function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The part of the Fetch standard used here: node-fetch, the built-in fetch and fakes all satisfy it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/** The options of a request: the part of the standard's `RequestInit` that is used. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly redirect?: "manual";
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A response whose body has not been read: the part of the standard's `Response` that is used. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array | string> | null;
}

/**
 * Runs a program with an argument array, never through a shell. Ending it also ends all processes that it started: its
 * group, and on Linux those that left the group. Rejects with `TOOL_MISSING` if it exists but cannot be started.
 */
export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;

/** Options for running a program. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** More output than this ends the child. Default 1 MiB a stream. */
  readonly maxOutputBytes?: number;
  /**
   * False: the output is only passed to `onLine`, so that its size is not limited; `stdout` and `stderr` are
   * empty. Default: true.
   */
  readonly keepOutput?: boolean;
  /** How long it may take to end after SIGTERM; then its group is killed. Default: 2000. */
  readonly graceMs?: number;
  /**
   * True: only the program itself gets SIGTERM, for a program that needs its children to clean up. Default: its
   * whole process group.
   */
  readonly asksLeader?: boolean;
  /** Called for each line of both streams; a line of more than 4 Ki characters is passed in parts. */
  readonly onLine?: (line: string) => void;
  /** Called after the lines of each chunk: while the promise is pending, no more of the output is read. */
  readonly drained?: () => Promise<void> | undefined;
}

/** How a program ended, and its output. */
export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it ended; `itself` if it exited without being stopped. */
  readonly ended: "itself" | "cancelled" | "timed-out" | "too-much-output" | "not-found";
}
