/**
 * Waits for work that runs side by side until all of it has ended, so that nobody removes a directory under what still
 * runs there. Rejects as the first does, in their order, of those that failed.
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
