import type { ImageInspection } from "@molecule/core";
import type { PullPolicy } from "./pull-policy.js";
import type { PullRecord } from "./pull-records.js";

/**
 * Returns why the registry must be contacted again; undefined if it need not be.
 * @param now milliseconds since 1970
 */
export function whyDue(
  { milliseconds }: Extract<PullPolicy, { readonly kind: "every" }>,
  record: PullRecord | undefined,
  image: Pick<ImageInspection, "id">,
  now: number,
): string | undefined {
  if (record === undefined) return "the time of the last pull is unknown";
  if (record.imageId !== image.id) return "the image present is not the one last pulled";
  const age = now - record.pulledAt;
  // A clock that was once wrong must not block pulls for years.
  if (age < 0) return "it was last pulled in the future";
  return age < milliseconds ? undefined : `it was last pulled ${String(Math.floor(age / 1000))} s ago`;
}
