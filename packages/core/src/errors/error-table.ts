import { ImageSourceError } from "./errors.js";
import { closestMatch } from "./closest-match.js";
import type { Step } from "./step.js";
import { limitRemedy, systemCode, systemWords } from "./system-trouble.js";

/*
 * One function per condition: what happened and where, and what to do.
 * Conditions that only one room knows are made in that room; what two rooms say stands here.
 */

/** `CONFIG_INVALID`: a variable, a file or an option cannot be used. */
export function configInvalid(message: string, hint: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({ code: "CONFIG_INVALID", message, hint, cause });
}

/** `RUNTIME_UNKNOWN`: the name is not on the allowlist. */
export function runtimeUnknown(written: unknown, known: readonly string[]): ImageSourceError {
  const start = typeof written === "string" ? written.slice(0, 80) : undefined;
  const likely = start === undefined ? undefined : closestMatch(start, known);
  return new ImageSourceError({
    code: "RUNTIME_UNKNOWN",
    message: `unknown runtime ${start === undefined ? typeof written : JSON.stringify(start)}`,
    hint: `${likely === undefined ? "" : `Did you mean ${likely}? `}Known runtimes: ${known.join(", ")}; .moleculerc adds names with runtimes: { add: [...] }.`,
  });
}

/** `CANCELLED`: the caller left. */
export function cancelled(): ImageSourceError {
  return new ImageSourceError({
    code: "CANCELLED",
    message: "cancelled",
    hint: "Nothing partial was left behind.",
  });
}

/** Where work stood when its time was over. */
export interface Standing {
  /** Null: between two steps. */
  readonly step: Step | null;
  /** One line. */
  readonly lastHeard: string;
}

/** `TIMED_OUT`: not ready within that many milliseconds. */
export function timedOut(milliseconds: number, { step, lastHeard }: Standing): ImageSourceError {
  return new ImageSourceError({
    code: "TIMED_OUT",
    message: `not ready within ${String(milliseconds / 1000)} s; last progress: ${lastHeard}`,
    hint: "Raise `timeout` in .moleculerc if the image needs longer.",
    step: step ?? undefined,
  });
}

/** `STALLED`: nothing was heard for that many milliseconds. */
export function stalled(milliseconds: number, { step, lastHeard }: Standing): ImageSourceError {
  return new ImageSourceError({
    code: "STALLED",
    message: `no progress for ${String(milliseconds / 1000)} s; last progress: ${lastHeard}`,
    hint: "Check that the server responds, then retry; raise `stallAfter` in .moleculerc if long pauses are normal.",
    step: step ?? undefined,
  });
}

/**
 * `INTERNAL`: something that no other code stands for, a bug. `STORAGE_UNUSABLE` where the process or the machine has run
 * out of something, which is no bug wherever it happens.
 */
export function internal(cause: unknown): ImageSourceError {
  const exhausted = resourceExhausted(systemCall(cause), cause);
  if (exhausted !== undefined) return exhausted;
  const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new ImageSourceError({
    code: "INTERNAL",
    message: `a bug: ${detail.split("\n", 1)[0] ?? ""}`,
    hint: "Report it, with the output of the same command and --log-level debug.",
    cause,
  });
}

function systemCall(error: unknown): string {
  const { syscall, path } = Object(error) as NodeJS.ErrnoException;
  return [syscall ?? "a system call", ...(path === undefined ? [] : [path]), "failed"].join(" ");
}

/**
 * `STORAGE_UNUSABLE`: open files, processes or memory have run out. Undefined for any other error.
 * @param what what failed, as `git cannot be started`
 */
export function resourceExhausted(what: string, error: unknown): ImageSourceError | undefined {
  const hint = limitRemedy(error);
  if (hint === undefined) return undefined;
  const message = `${what}: ${systemWords(systemCode(error) ?? "")}`;
  return new ImageSourceError({ code: "STORAGE_UNUSABLE", message, hint, cause: error });
}

const full: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * `STORAGE_UNUSABLE`: a place on the disk cannot be read or written.
 * @param why in words, or the code of the system call that failed
 */
export function storageUnusable(place: string, why: string, cause?: unknown): ImageSourceError {
  const hint = full.has(why)
    ? `Free space on the disk that holds ${place}, then retry.`
    : `Make ${place} writable for this user, then retry.`;
  return new ImageSourceError({
    code: "STORAGE_UNUSABLE",
    message: `${place} cannot be used: ${systemWords(why)}`,
    hint: limitRemedy(cause) ?? hint,
    cause,
  });
}
