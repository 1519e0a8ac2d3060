/**
 * Waits for all promises, even if one rejects, so that no caller removes a directory that is still in use. Rejects with
 * the first failure, in the order of the arguments.
 */
export async function settleAll<const T extends readonly unknown[]>(
  ...tasks: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const ends = await Promise.allSettled(tasks);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  }) as unknown as T;
}
