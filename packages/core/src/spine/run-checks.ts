import type { Finding } from "../contract/capabilities.js";
import type { Clock } from "../contract/edges.js";
import { internal } from "../errors/error-table.js";
import { isImageSourceError } from "../errors/errors.js";

/** The result of a check. */
export type Verdict = Pick<Finding, "ok" | "level" | "message" | "hint">;

/** A check of the machine or of a service. Changes nothing. */
export interface Check {
  /** The ID of its finding: lower case, with dashes and dots; stable. */
  readonly id: string;
  /**
   * Returns undefined if the check does not apply. A rejection becomes the finding; an `ImageSourceError` provides
   * its message and hint.
   */
  readonly run: (signal: AbortSignal) => Promise<Verdict | undefined>;
}

/** The edges and the time limit of checks. */
export interface CheckEdges {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long each may take. Default: 10 s. */
  readonly withinMs?: number | undefined;
}

/** Returns an `ok` verdict. */
export function fine(message: string): Verdict {
  return { ok: true, message, hint: "" };
}

/** Returns a `warn` verdict. Message and hint are one line each. */
export function doubtful(message: string, hint: string): Verdict {
  return { ok: true, level: "warn", message, hint };
}

/** Returns a `bad` verdict. Message and hint are one line each. */
export function amiss(message: string, hint: string): Verdict {
  return { ok: false, message, hint };
}

/** Runs the checks concurrently and returns their findings in order. A check that hangs becomes a finding. */
export async function runChecks(checks: readonly Check[], edges: CheckEdges): Promise<readonly Finding[]> {
  const findings = await Promise.all(checks.map((check) => runCheck(check, edges)));
  edges.signal.throwIfAborted();
  return findings.filter((finding) => finding !== undefined);
}

async function runCheck(
  check: Check,
  { signal, clock, withinMs = 10_000 }: CheckEdges,
): Promise<Finding | undefined> {
  const { id } = check;
  const stop = new AbortController();
  const seconds = String(withinMs / 1000);
  const timedOut = amiss(
    `no response within ${seconds} s`,
    "Check the service that this check contacts, then retry.",
  );
  let cancel: (() => void) | undefined;
  // A check that ignores its signal must not delay the others.
  const deadline = new Promise<Verdict>((resolve) => {
    const end = (): void => {
      resolve(timedOut);
      stop.abort();
    };
    cancel = clock.after(withinMs, end);
    signal.addEventListener("abort", end, { once: true, signal: stop.signal });
  });
  try {
    const bounded = AbortSignal.any([signal, stop.signal]);
    const verdict = await Promise.race([check.run(bounded), deadline]);
    return verdict && { id, ...verdict };
  } catch (error) {
    const { message, hint } = isImageSourceError(error) ? error : internal(error);
    return { id, ...amiss(message, hint) };
  } finally {
    cancel?.();
    stop.abort();
  }
}
