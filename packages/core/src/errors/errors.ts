/**
 * Every code, with the exit status of the command line: it says who must act.
 * 2 who configures · 3 who runs the other server · 4 who owns the machine · 5 the template's author ·
 * 6 time · 70 a bug of ours · 130 cancelled (143 when by SIGTERM).
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

/** Stable: callers and scripts may branch on it. Messages are not. */
export type ErrorCode = keyof typeof exitStatusByCode;

/** What an {@link ImageSourceError} is made of. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** One line: what happened, with the URL, path or reference it happened at. */
  readonly message: string;
  /** One line: what to do. In `options.<source>.KEY` the spine puts the source's name. */
  readonly hint: string;
  /** The source it happened in; stamped by the spine. */
  readonly source?: string | undefined;
  /** The step it happened in; stamped by the step that was running. */
  readonly step?: string | undefined;
  /** The last lines of a failed build. */
  readonly output?: string | undefined;
  readonly cause?: unknown;
  /** What was resolved has moved meanwhile, and to resolve anew may succeed: the spine does that, a few times. */
  readonly again?: boolean | undefined;
  /** What a builder has cached is to blame, and a build without its cache may succeed. */
  readonly withoutCache?: boolean | undefined;
  /** It may pass by itself: the spine asks the same verb of the source again, a few times. */
  readonly transient?: Transient | undefined;
}

/** A trouble that may pass by itself. */
export interface Transient {
  /** How long the other side asked to wait (`Retry-After`), in milliseconds. */
  readonly afterMs?: number | undefined;
}

// Two copies of this package can meet in one process (a plugin's and the host's), where `instanceof` fails.
const brand = Symbol.for("@molecule/core/ImageSourceError");

/** The one error that sources, the spine and the host throw for anything that is not a programming mistake. */
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

  /** The same error with facts added; the stack stays that of the place where it happened. */
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

  /** As in the JSON of the command line. */
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

/** Whether it is an {@link ImageSourceError}, whichever copy of this package made it. */
export function isImageSourceError(value: unknown): value is ImageSourceError {
  return typeof value === "object" && value !== null && brand in value;
}
