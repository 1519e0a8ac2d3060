import { expect, test } from "@jest/globals";
import { chooseOldImages, type Limits } from "./choose-old-images.js";
import type { StoredItem } from "../contract/prunable.js";

const item = (runtime: string, revision: string, more: Partial<StoredItem> = {}): StoredItem => ({
  kind: "image",
  runtime,
  revision,
  imageId: revision,
  names: [],
  otherNames: [],
  path: null,
  bytes: 10,
  madeAt: null,
  held: null,
  references: [],
  ...more,
});

const chosen = (stored: readonly StoredItem[], limits: Partial<Limits>): (string | null)[] =>
  [...chooseOldImages(stored, { keep: 9, maxBytes: undefined, ...limits }).keys()].map(
    ({ revision }) => revision,
  );

test("removes all but the newest images of each runtime; held images stay, and count", () => {
  const stored = [item("a", "a1"), item("a", "a2", { held: "used" }), item("a", "a3"), item("b", "b1")];
  expect(chosen(stored, { keep: 1 })).toEqual(["a3"]);
  expect(chosen(stored, { keep: 2 })).toEqual(["a3"]);
  expect(chosen(stored, { keep: 0 })).toEqual(["a1", "a3", "b1"]);
});

test("a size limit removes the lowest-ranked image first, then the oldest, and never a held one", () => {
  const stored = [
    item("a", "a1", { madeAt: 1 }),
    item("a", "a2", { madeAt: 0 }),
    item("b", "b1", { madeAt: 7 }),
    item("b", "b2", { madeAt: 6 }),
    item("b", "b3", { madeAt: 5, held: "used" }),
  ];
  expect(chosen(stored, { maxBytes: 50 })).toEqual([]);
  expect(chosen(stored, { maxBytes: 49 })).toEqual(["a2"]);
  expect(chosen(stored, { maxBytes: 30 })).toEqual(["a2", "b2"]);
  expect(chosen(stored, { maxBytes: 0 })).toEqual(["a2", "b2", "a1", "b1"]);
});

test("images beyond the newest do not count against the size limit", () => {
  const stored = [item("a", "a1"), item("a", "a2"), item("a", "a3")];
  expect(chosen(stored, { keep: 2, maxBytes: 20 })).toEqual(["a3"]);
});

test("the repository of a runtime counts once, with its newest image", () => {
  const stored = [
    item("a", "a1"),
    item("a", "a2"),
    item("a", "", { kind: "repository", bytes: 100 }),
    item("b", "b1"),
  ];
  expect(chosen(stored, { maxBytes: 130 })).toEqual([]);
  expect(chosen(stored, { maxBytes: 129 })).toEqual(["a2"]);
  expect(chosen(stored, { maxBytes: 119 })).toEqual(["a2", "a1"]);
});

test("a checkout counts once, with the newest image of its commit", () => {
  const stored = [
    item("a", "a1"),
    item("a", "a2", { imageId: "x" }),
    item("a", "a2", { imageId: "y" }),
    item("a", "a2", { kind: "checkout", bytes: 5 }),
    item("a", "gone", { kind: "checkout", bytes: 500 }),
    item("b", "a2", { kind: "checkout", bytes: 500 }),
  ];
  expect(chosen(stored, { maxBytes: 35 })).toEqual([]);
  expect(chooseOldImages(stored, { keep: 9, maxBytes: 34 }).has(stored[2] ?? item("", ""))).toBe(true);
  expect(chosen(stored, { maxBytes: 24 })).toEqual(["a2", "a2"]);
});
