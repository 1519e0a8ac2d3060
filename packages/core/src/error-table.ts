import { ImageSourceError } from "./errors.js";
import { nearMiss } from "./near-miss.js";
import type { Step } from "./progress.js";

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
  const likely = start === undefined ? undefined : nearMiss(start, known);
  return new ImageSourceError({
    code: "RUNTIME_UNKNOWN",
    message: `there is no runtime ${start === undefined ? typeof written : JSON.stringify(start)}`,
    hint: `${likely === undefined ? "" : `Did you mean ${likely}? `}Known are ${known.join(", ")}; .moleculerc adds names with runtimes: { add: [...] }.`,
  });
}

/** `CANCELLED`: the caller left. */
export function cancelled(): ImageSourceError {
  return new ImageSourceError({
    code: "CANCELLED",
    message: "the caller cancelled",
    hint: "Nothing was left half-made; call again when you want the image.",
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
    message: `not ready within ${String(milliseconds / 1000)} s; last heard: ${lastHeard}`,
    hint: "Raise `timeout` in .moleculerc if the image really needs longer.",
    step: step ?? undefined,
  });
}

/** `STALLED`: nothing was heard for that many milliseconds. */
export function stalled(milliseconds: number, { step, lastHeard }: Standing): ImageSourceError {
  return new ImageSourceError({
    code: "STALLED",
    message: `nothing was heard for ${String(milliseconds / 1000)} s; last heard: ${lastHeard}`,
    hint: "Look whether the other side still works and call again; raise `stallAfter` in .moleculerc if it is silent for so long by nature.",
    step: step ?? undefined,
  });
}

/** `INTERNAL`: something that no other code stands for, a bug. */
export function internal(cause: unknown): ImageSourceError {
  const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new ImageSourceError({
    code: "INTERNAL",
    message: `a bug: ${detail.split("\n", 1)[0] ?? ""}`,
    hint: "Please report it with the output of the same call and --log-level debug.",
    cause,
  });
}

/** `STORAGE_UNUSABLE`: a place on the disk cannot be read or written. */
export function storageUnusable(place: string, why: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({
    code: "STORAGE_UNUSABLE",
    message: `${place} cannot be used: ${why}`,
    hint: `Make ${place} writable for this user and leave room on its disk, then call again.`,
    cause,
  });
}
