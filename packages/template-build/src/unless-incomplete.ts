import { setMaxListeners } from "node:events";
import type { Call } from "@molecule/core";

/**
 * Cancels the work, and rejects with the reason, as soon as the commit is known to be damaged, or cannot be written.
 */
export async function unlessIncomplete<T>(
  complete: Promise<void>,
  call: Call,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const incomplete = new AbortController();
  complete.catch((error: unknown) => {
    incomplete.abort(error);
  });
  const signal = AbortSignal.any([call.signal, incomplete.signal]);
  setMaxListeners(0, signal);
  try {
    return await work({ ...call, signal });
  } catch (error) {
    if (incomplete.signal.aborted && !call.signal.aborted) throw incomplete.signal.reason;
    throw error;
  }
}
