import type { Resolution } from "@molecule/core";

/** What others than the source see of a resolution: without the members that it adds for its own later verbs. */
export function resolutionFacts({
  runtime,
  reference,
  revision,
  buildKey,
  platform,
}: Resolution): Resolution {
  return { runtime, reference, revision, buildKey, platform };
}
