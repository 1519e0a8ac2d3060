/**
 * Every error code with its exit status, which says who must act:
 * 2 the user who configures it · 3 the other server's operator · 4 the machine's owner · 5 the template's author ·
 * 6 a time limit · 70 a bug in this project · 130 cancelled (143 by SIGTERM).
 */
export const exitStatusByCode = {
  USAGE: 2,
  CONFIG_INVALID: 2,
  CONFIG_UNTRUSTED: 2,
  RUNTIME_UNKNOWN: 2,
  PLUGIN_NOT_FOUND: 2,
  PLUGIN_BROKEN: 2,
  PLUGIN_INVALID: 2,
  SOURCE_UNREACHABLE: 3,
  SOURCE_DENIED: 3,
  SOURCE_NOT_FOUND: 3,
  SOURCE_MALFORMED: 3,
  SOURCE_MISMATCH: 3,
  CHECKOUT_FAILED: 3,
  ENGINE_UNAVAILABLE: 4,
  TOOL_MISSING: 4,
  STORAGE_UNUSABLE: 4,
  CONTAINER_FAILED: 4,
  CONTAINER_CONFLICT: 4,
  TEMPLATE_INVALID: 5,
  BUILD_FAILED: 5,
  TIMED_OUT: 6,
  STALLED: 6,
  INTERNAL: 70,
  CANCELLED: 130,
} as const;

/** The code of an error. Codes are stable: callers and scripts may branch on them, but not on messages. */
export type ErrorCode = keyof typeof exitStatusByCode;

/** The fields of an {@link ImageSourceError}. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** One line: what failed, with the URL, path or reference. */
  readonly message: string;
  /** One line: what to do. The spine fills in the source's name in `options.<source>.KEY`. */
  readonly hint: string;
  /** The source that failed; set by the spine. */
  readonly source?: string | undefined;
  /** The step that failed; set by the step itself. */
  readonly step?: string | undefined;
  /** The last lines of a failed build. */
  readonly output?: string | undefined;
  readonly cause?: unknown;
  /** The resolved image has moved, and resolving it again may succeed: the spine does so at most twice. */
  readonly again?: boolean | undefined;
  /** The builder's cache is at fault, and a build without it may succeed. */
  readonly withoutCache?: boolean | undefined;
  /** The failure may be temporary: the spine calls the same method of the source again, a few times. */
  readonly transient?: Transient | undefined;
}

/** A failure that may be temporary. */
export interface Transient {
  /** The delay that the server asked for (`Retry-After`), in milliseconds. */
  readonly afterMs?: number | undefined;
  /** The longest time that the condition can last, in milliseconds. Default: the 30 s of other retries. */
  readonly withinMs?: number | undefined;
}

// Two copies of this package can meet in one process (a plugin's and the host's), where `instanceof` fails.
const brand = Symbol.for("@molecule/core/ImageSourceError");

/** The error that sources, the spine and the host throw for everything but programming mistakes. */
export class ImageSourceError extends Error {
  override readonly name = "ImageSourceError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly source: string | null;
  readonly step: string | null;
  readonly output: string | null;
  readonly again: boolean;
  readonly withoutCache: boolean;
  readonly transient: Transient | null;

  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.hint = facts.hint;
    this.source = facts.source ?? null;
    this.step = facts.step ?? null;
    this.output = facts.output ?? null;
    this.again = facts.again ?? false;
    this.withoutCache = facts.withoutCache ?? false;
    this.transient = facts.transient ?? null;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Returns a copy with these fields replaced; it keeps the original stack. */
  with(facts: Partial<ErrorFacts>): ImageSourceError {
    const { code, message, hint, source, step, output, cause, again, withoutCache, transient } = this;
    const copy = new ImageSourceError({
      code,
      message,
      hint,
      source: source ?? undefined,
      step: step ?? undefined,
      output: output ?? undefined,
      cause,
      again,
      withoutCache,
      transient: transient ?? undefined,
      ...facts,
    });
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }

  /** Returns the error as the command line prints it in JSON. */
  toJSON(): {
    code: ErrorCode;
    message: string;
    hint: string;
    source: string | null;
    step: string | null;
    output: string | null;
  } {
    const { code, message, hint, source, step, output } = this;
    return { code, message, hint, source, step, output };
  }
}

/** Returns whether the value is an {@link ImageSourceError}, even from another copy of this package. */
export function isImageSourceError(value: unknown): value is ImageSourceError {
  return typeof value === "object" && value !== null && brand in value;
}
