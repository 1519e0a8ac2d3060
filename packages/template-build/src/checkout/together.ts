/**
 * Waits until all concurrent work has ended, so that no caller removes a directory that is still
 * in use. If any of it failed, rejects as the first failure in the given order.
 */
export async function together<const T extends readonly unknown[]>(
  ...works: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const ends = await Promise.allSettled(works);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  }) as unknown as T;
}
