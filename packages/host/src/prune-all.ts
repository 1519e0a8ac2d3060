import type { ImageProvider, PruneRequest, PruneResult } from "@molecule/core";

/** Prunes each provider in turn, then closes all of them. */
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
