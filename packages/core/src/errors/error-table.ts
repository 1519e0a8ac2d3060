import { ImageSourceError } from "./errors.js";
import { closestMatch } from "./closest-match.js";
import type { Step } from "./step.js";
import { limitRemedy, systemCode, systemWords } from "./system-trouble.js";

/*
 * One function per condition.
 * A condition that only one folder reports is defined in that folder; those of two or more are defined here.
 */

/** Returns a `CONFIG_INVALID` error: a variable, file or option cannot be used. */
export function configInvalid(message: string, hint: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({ code: "CONFIG_INVALID", message, hint, cause });
}

/** Returns a `RUNTIME_UNKNOWN` error: the name is not on the allowlist. */
export function runtimeUnknown(written: unknown, known: readonly string[]): ImageSourceError {
  const start = typeof written === "string" ? written.slice(0, 80) : undefined;
  const likely = start === undefined ? undefined : closestMatch(start, known);
  return new ImageSourceError({
    code: "RUNTIME_UNKNOWN",
    message: `unknown runtime ${start === undefined ? typeof written : JSON.stringify(start)}`,
    hint: `${likely === undefined ? "" : `Did you mean ${likely}? `}Known runtimes: ${known.join(", ")}. To allow another one, add it to \`runtimes.add\` in the configuration.`,
  });
}

/** Returns a `CANCELLED` error: the caller aborted. */
export function cancelled(hint = "Nothing partial was left behind."): ImageSourceError {
  return new ImageSourceError({ code: "CANCELLED", message: "cancelled", hint });
}

/** Returns a `CANCELLED` error: the provider was closed, before the call or during it. */
export function providerClosed(): ImageSourceError {
  return new ImageSourceError({
    code: "CANCELLED",
    message: "the image provider is closed",
    hint: "Create another provider: a closed one cannot be used again.",
  });
}

/** The step that was running when a time limit expired. */
export interface WorkStatus {
  /** The step that was running; null between two steps. */
  readonly step: Step | null;
  /** One line. */
  readonly lastProgress: string;
}

/**
 * Returns a `TIMED_OUT` error: the image was not ready within that many milliseconds.
 * @param key the setting to raise, as the hint names it
 */
export function timedOut(
  milliseconds: number,
  { step, lastProgress }: WorkStatus,
  key = "`timeout` in .moleculerc, for this runtime or for all,",
): ImageSourceError {
  return new ImageSourceError({
    code: "TIMED_OUT",
    message: `not ready within ${String(milliseconds / 1000)} s; last progress: ${lastProgress}`,
    hint: `Raise ${key} if the image needs longer.`,
    step: step ?? undefined,
  });
}

/** Returns a `STALLED` error: no step reported progress for that many milliseconds. */
export function stalled(milliseconds: number, { step, lastProgress }: WorkStatus): ImageSourceError {
  return new ImageSourceError({
    code: "STALLED",
    message: `no progress for ${String(milliseconds / 1000)} s; last progress: ${lastProgress}`,
    hint: "Check that the server responds, then retry; raise `stallAfter` in .moleculerc, for this runtime or for all, if long pauses are normal.",
    step: step ?? undefined,
  });
}

/**
 * Returns an `INTERNAL` error for anything without a code of its own, which is a bug; or a `STORAGE_UNUSABLE` error if
 * the process or the machine has run out of a resource, which is not a bug.
 */
export function internal(cause: unknown): ImageSourceError {
  const exhausted = resourceExhausted(systemCall(cause), cause);
  if (exhausted !== undefined) return exhausted;
  const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new ImageSourceError({
    code: "INTERNAL",
    message: `internal error: ${detail.split("\n", 1)[0] ?? ""}`,
    hint: "Report it, with the output of the same command and --log-level debug.",
    cause,
  });
}

function systemCall(error: unknown): string {
  const { syscall, path } = Object(error) as NodeJS.ErrnoException;
  return [syscall ?? "a system call", ...(path === undefined ? [] : [path]), "failed"].join(" ");
}

/**
 * Returns a `STORAGE_UNUSABLE` error if open files, processes or memory have run out; undefined for any other error.
 * @param what the failed operation: `cannot start git`
 */
export function resourceExhausted(what: string, error: unknown): ImageSourceError | undefined {
  const hint = limitRemedy(error);
  if (hint === undefined) return undefined;
  const message = `${what}: ${systemWords(systemCode(error) ?? "")}`;
  return new ImageSourceError({ code: "STORAGE_UNUSABLE", message, hint, cause: error });
}

const full: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Returns a `STORAGE_UNUSABLE` error: a path cannot be read or written.
 * @param why the reason, or the code of the failed system call
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
