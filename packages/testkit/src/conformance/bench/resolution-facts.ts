import type { Resolution } from "@molecule/core";

/** The public part of a resolution, without the members that the source adds for its own later methods. */
export function resolutionFacts({
  runtime,
  reference,
  revision,
  buildKey,
  platform,
  buildArgs,
}: Resolution): Resolution {
  const facts = { runtime, reference, revision, buildKey, platform };
  return buildArgs === undefined ? facts : { ...facts, buildArgs };
}
