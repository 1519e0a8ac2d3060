import type { ImageProvider, PruneRequest, PruneResult } from "@molecule/core";

/** Prunes what each of them has made, one after the other, and closes them. */
export async function pruneAll(
  providers: readonly ImageProvider[],
  request: PruneRequest | undefined,
  caller: { readonly signal?: AbortSignal | undefined } | undefined,
): Promise<PruneResult> {
  try {
    const results: PruneResult[] = [];
    for (const provider of providers) results.push(await provider.prune(request, caller));
    return {
      removed: results.flatMap(({ removed }) => removed),
      kept: results.flatMap(({ kept }) => kept),
    };
  } finally {
    await Promise.all(providers.map((provider) => provider.close()));
  }
}
