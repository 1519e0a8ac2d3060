import {
  isImageSourceError,
  parseCommitSha,
  type ImageInspection,
  type Platform,
  type RuntimeName,
} from "@molecule/core";
import { buildKey } from "./build-key.js";
import { newestFirst } from "./build-order.js";
import type { BuildRecord } from "./build-records.js";
import { differsFrom, labelNames } from "./image-labels.js";
import { localReference } from "./local-reference.js";
import type { RuntimeOptions } from "../options/runtime-options.js";

/** The facts that an image must match, whichever commit it was built from. */
export interface LastGoodQuestion {
  readonly runtime: RuntimeName;
  readonly platform: Platform;
  readonly options: RuntimeOptions;
  readonly source: string;
  readonly prefix: string;
  readonly isolation: string;
}

export interface LastGood {
  readonly image: ImageInspection;
  readonly reference: string;
  readonly revision: ReturnType<typeof parseCommitSha>;
  readonly buildKey: string;
}

/**
 * Returns the newest image that is exactly what would be built now for the commit it names. The records define the
 * order; images without a record come after those, by the time they were tagged, and those from the future last.
 */
export function newestGood(
  images: readonly ImageInspection[],
  records: ReadonlyMap<string, BuildRecord>,
  question: LastGoodQuestion,
  nowMs: number,
): LastGood | undefined {
  return images
    .toSorted(newestFirst(records, nowMs))
    .map((image) => verified(image, question))
    .find((good) => good !== undefined);
}

function verified(image: ImageInspection, question: LastGoodQuestion): LastGood | undefined {
  const { runtime, platform, options, source, prefix, isolation } = question;
  const commit = commitOf(image);
  if (commit === undefined) return undefined;
  const key = buildKey({ ...options, commit, platform });
  const { reference } = localReference({ prefix, runtime, commit, platform, isolation });
  const labels = { revision: commit, source, runtime, buildKey: key, managedBy: "" };
  if (!image.tags.includes(reference) || differsFrom(image, labels, platform) !== undefined) return undefined;
  return { image, reference, revision: commit, buildKey: key };
}

/** Returns the commit in an image's labels; undefined if there is no valid one. */
export function commitOf({ labels }: ImageInspection): LastGood["revision"] | undefined {
  try {
    return parseCommitSha(labels[labelNames.revision] ?? "");
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
