import { setMaxListeners } from "node:events";

/**
 * Runs the functions at the same time. Each gets a signal that aborts with `signal`, or with the first failure. Waits
 * until all have ended, so that nothing is left running. Returns their results in order, or rejects with the first
 * failure.
 */
export async function runTogether<const Results extends readonly unknown[]>(
  signal: AbortSignal,
  ...tasks: { readonly [Key in keyof Results]: (signal: AbortSignal) => Promise<Results[Key]> }
): Promise<Results> {
  const failed = new AbortController();
  // Not `linkAbort`, whose link would end with the tasks: a response that one opened must still end with `signal`.
  const shared = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, shared);
  const results = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        return await task(shared);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  return results.map((result) => {
    if (result.status === "rejected") throw failed.signal.reason;
    return result.value;
  }) as unknown as Results;
}
