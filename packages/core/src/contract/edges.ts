/*
 * The edges of the process, as this package needs them. `@molecule/host` implements them;
 * a host application or a test puts its own in their place.
 */

/** For operators. A winston logger satisfies it. Texts are constant; what varies goes into the fields. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Time, so that tests own it. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970, by the machine's clock: it may be wrong, and may jump. For expiry and order alone. */
  wallMs(): number;
  /** Calls back once after that many milliseconds; the answer cancels it. Until then it keeps the process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The part of the Fetch standard used here: node-fetch, the built-in fetch and fakes all satisfy it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/** What a request says besides its URL: the part of the standard's `RequestInit` that is used. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly redirect?: "manual";
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** An answer whose body has not been read: the part of the standard's `Response` that is used. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array | string> | null;
}

/**
 * Runs a program: an argument array, never a shell. One that is ended takes all with it that it has started: its process
 * group, and on Linux also what has left that. Rejects with `TOOL_MISSING` for one that exists and cannot be started.
 */
export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;

/** How a program is run. */
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
   * False: the output is told by `onLine` and not kept, so that any amount of it will do; `stdout` and `stderr` are
   * empty. Default: true.
   */
  readonly keepOutput?: boolean;
  /** How long it may take to end once it is asked to; then its group is killed. Default 2000. */
  readonly graceMs?: number;
  /**
   * True: only the program itself is asked to end, for one that tidies up with the help of its children. Default: its
   * whole process group.
   */
  readonly asksLeader?: boolean;
  /** Called for each line of both streams as it comes; a line of more than 4 Ki characters comes in parts. */
  readonly onLine?: (line: string) => void;
  /** Asked after the lines of each chunk: while the promise is pending, no more of the output is read. */
  readonly drained?: () => Promise<void> | undefined;
}

/** How a program ended, and what it said until then. */
export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it ended, other than by itself. */
  readonly ended: "itself" | "cancelled" | "timed-out" | "too-much-output" | "not-found";
}
