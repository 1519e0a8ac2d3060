import {
  isImageSourceError,
  parseRuntimeName,
  type Call,
  type ImageInspection,
  type RuntimeName,
  type StoredItem,
} from "@molecule/core";
import { newestFirst } from "../image/build-order.js";
import type { BuildRecord, BuildRecords } from "../image/build-records.js";
import type { ImageBuilder } from "../image/image-builder.js";
import { labelNames } from "../image/image-labels.js";
import { revisionOf } from "../image/local-reference.js";
import { sortNames, type NameSpace } from "./own-names.js";

export interface ImageStore {
  readonly builder: ImageBuilder;
  readonly records: Pick<BuildRecords, "of" | "forget">;
  readonly space: NameSpace;
}

/**
 * Returns the images built here: they have our labels and one of our tags or, if they have lost every tag, a record.
 * An image built on top of one of them inherits its labels, but has neither a tag of ours nor a record.
 */
export async function storedImages(
  { builder, records, space }: ImageStore,
  beingFilled: ReadonlySet<string>,
  call: Call,
): Promise<readonly StoredItem[]> {
  const images = await builder.images([labelNames.runtime, labelNames.buildKey], call);
  if (images.length === 0) return [];
  const users = await builder.inUse(call);
  const found: StoredItem[] = [];
  for (const [runtime, ofRuntime] of byRuntime(images)) {
    const known = await records.of(runtime);
    for (const image of ofRuntime.toSorted(newestFirst(known))) {
      const item = storedImage(image, known.get(image.id), space);
      if (item === undefined) continue;
      const isFilled = beingFilled.has(`${runtime} ${item.revision?.slice(0, 12) ?? ""}`);
      const user = users.get(image.id);
      const held = user === undefined ? null : inUse(user);
      found.push({ ...item, held: held ?? (isFilled ? "an image of its commit is being built" : null) });
    }
  }
  return found;
}

export function inUse(container: string): string {
  return `the container ${container} uses it`;
}

function storedImage(
  image: ImageInspection,
  record: BuildRecord | undefined,
  space: NameSpace,
): StoredItem | undefined {
  const { id, labels, sizeBytes, taggedAt } = image;
  const { own, other } = sortNames(image, space);
  const isNameless = own.length === 0 && other.length === 0;
  if (own.length === 0 && !(isNameless && record !== undefined)) return undefined;
  return {
    kind: "image",
    runtime: labels[labelNames.runtime] ?? "",
    revision: revisionOf(labels, own),
    imageId: id,
    names: own,
    otherNames: other,
    path: null,
    bytes: other.length === 0 ? sizeBytes : 0,
    madeAt: record?.builtAt ?? (taggedAt === null ? null : Date.parse(taggedAt)),
    held: null,
    references: record === undefined ? own : [...own, record.reference],
  };
}

function byRuntime(images: readonly ImageInspection[]): ReadonlyMap<RuntimeName, ImageInspection[]> {
  const sorted = new Map<RuntimeName, ImageInspection[]>();
  for (const image of images) {
    const runtime = runtimeOf(image);
    if (runtime !== undefined) sorted.set(runtime, [...(sorted.get(runtime) ?? []), image]);
  }
  return sorted;
}

/** Returns undefined for a label that no build here has written. */
function runtimeOf({ labels }: ImageInspection): RuntimeName | undefined {
  try {
    return parseRuntimeName(labels[labelNames.runtime] ?? "");
  } catch (error) {
    if (isImageSourceError(error)) return undefined;
    throw error;
  }
}
