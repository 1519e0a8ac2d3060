import { expect, test } from "@jest/globals";
import type { ListedImage } from "../host/list-images.js";
import { showImages } from "./show-images.js";

const now = Date.parse("2026-01-03T00:00:00Z");
const image = (changes: Partial<ListedImage>): ListedImage => ({
  runtime: "hermes",
  reference: "molecule-local/workspace-template-hermes:17e6b70c04d9",
  tags: [],
  imageId: "sha256:1",
  source: null,
  revision: "17e6b70c04d9".padEnd(40, "0"),
  buildKey: null,
  platform: "linux/amd64",
  sizeBytes: 12_345_678,
  createdAt: "2026-01-02T21:00:00Z",
  ...changes,
});
const images = [
  image({}),
  image({
    reference: "acme/x:1",
    tags: ["acme/x:1", "acme/x:2", "acme/x:latest"],
    revision: null,
    sizeBytes: 1e9,
  }),
];

test("has a header and aligned columns on a terminal", () => {
  expect(showImages(images, { now, isForTerminal: true })).toEqual([
    "IMAGE                                                  REVISION      PLATFORM     SIZE       AGE",
    "molecule-local/workspace-template-hermes:17e6b70c04d9  17e6b70c04d9  linux/amd64  12.3 MB    3 h",
    "acme/x:1 acme/x:2                                      -             linux/amd64  1000.0 MB  3 h",
  ]);
});

test("has only the rows elsewhere", () => {
  expect(showImages(images, { now, isForTerminal: false })).toEqual([
    "molecule-local/workspace-template-hermes:17e6b70c04d9  17e6b70c04d9  linux/amd64  12.3 MB  3 h",
    "acme/x:1 acme/x:2  -  linux/amd64  1000.0 MB  3 h",
  ]);
});

test("has nothing elsewhere if there are no images", () => {
  expect(showImages([], { now, isForTerminal: false })).toEqual([]);
});
