import { expect, test } from "@jest/globals";
import { silentLog, silentProgress, type Call, type StoredItem } from "@molecule/core";
import type { ImageBuilder } from "../image/image-builder.js";
import { labelNames } from "../image/image-labels.js";
import { stubBuilder, stubImage } from "../image/stub-builder.test.support.js";
import { discardImage } from "./discard-image.js";

const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};
const commit = "0123456789ab".padEnd(40, "c");
const space = { prefix: "molecule-local", isolation: "--mine" };
const own = "molecule-local/workspace-template-hermes:0123456789ab--mine";
const ofOtherIsolation = "molecule-local/workspace-template-hermes:0123456789ab--other";

/** Discards an image that has these tags. Returns the images whose records are forgotten, and the tags that are left. */
async function discard(tags: readonly string[]) {
  const labels = { [labelNames.revision]: commit, [labelNames.runtime]: "hermes" };
  const { id } = stubImage({});
  let left = tags;
  // An engine removes an image with its last tag.
  const isNamed = (name: string): boolean => left.includes(name) || (name === id && left.length > 0);
  const builder: ImageBuilder = {
    ...stubBuilder,
    inspect: async (name) => (isNamed(name) ? stubImage({ id, labels, tags: left }) : undefined),
    inUse: async () => new Map(),
    untag: async (reference) => void (left = left.filter((tag) => tag !== reference)),
  };
  const forgotten: string[] = [];
  const records = {
    of: async () => new Map(),
    forget: async (_runtime: unknown, imageId: string) => void forgotten.push(imageId),
  };
  const item: StoredItem = {
    kind: "image",
    runtime: "hermes",
    revision: commit,
    imageId: id,
    names: [own],
    otherNames: tags.filter((tag) => tag !== own),
    path: null,
    bytes: 0,
    madeAt: null,
    held: null,
    references: [own],
  };
  expect(await discardImage({ builder, records, space }, item, call)).toBeUndefined();
  return { id, forgotten, left };
}

test("the record of an image is removed with the image", async () => {
  const { id, forgotten, left } = await discard([own]);
  expect([forgotten, left]).toEqual([[id], []]);
});

test("the record of an image stays while another isolation has a tag on it", async () => {
  const { forgotten, left } = await discard([own, ofOtherIsolation]);
  expect([forgotten, left]).toEqual([[], [ofOtherIsolation]]);
});
