import type { Finding } from "../contract/capabilities.js";
import type { Clock } from "../contract/edges.js";
import { internal } from "../errors/error-table.js";
import { isImageSourceError } from "../errors/errors.js";

/** What a check has come to. */
export type Verdict = Pick<Finding, "ok" | "level" | "message" | "hint">;

/** One question about the machine and what it talks to. Changes nothing. */
export interface Check {
  /** Of its finding: lower case, with dashes and dots; stable. */
  readonly id: string;
  /**
   * Undefined: there is nothing to say here. What it rejects with is its finding, for an `ImageSourceError` with that
   * one's message and hint.
   */
  readonly run: (signal: AbortSignal) => Promise<Verdict | undefined>;
}

/** What checks are run with. */
export interface CheckEdges {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long each may take. Default: 10 s. */
  readonly withinMs?: number | undefined;
}

/** Something is as it should be. */
export function fine(message: string): Verdict {
  return { ok: true, message, hint: "" };
}

/** Something works, and is likely not what was meant. Both of one line. */
export function doubtful(message: string, hint: string): Verdict {
  return { ok: true, level: "warn", message, hint };
}

/** Something is not as it should be. Both of one line. */
export function amiss(message: string, hint: string): Verdict {
  return { ok: false, message, hint };
}

/** Runs the checks side by side. Their findings come in the order of the checks; one that hangs is a finding as well. */
export async function runChecks(checks: readonly Check[], edges: CheckEdges): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => finding(check, edges)));
  edges.signal.throwIfAborted();
  return found.filter((one) => one !== undefined);
}

async function finding(
  check: Check,
  { signal, clock, withinMs = 10_000 }: CheckEdges,
): Promise<Finding | undefined> {
  const { id } = check;
  const stop = new AbortController();
  const seconds = String(withinMs / 1000);
  const late = amiss(
    `no response within ${seconds} s`,
    "Check the service that this check asks, then retry.",
  );
  let cancel: (() => void) | undefined;
  // A check that does not listen to its signal must not hold up the others.
  const deadline = new Promise<Verdict>((resolve) => {
    const end = (): void => {
      resolve(late);
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
