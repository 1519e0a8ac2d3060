import { expect, test } from "@jest/globals";
import { defaultPlatform, parsePlatform, type ImageInspection } from "@molecule/core";
import { asEngineLabels, differsFrom, labelNames, type ImageLabels } from "./image-labels.js";

const labels: ImageLabels = {
  revision: "a".repeat(40),
  source: "https://git.example.com/acme/template-hermes",
  runtime: "hermes",
  buildKey: "b".repeat(64),
  managedBy: "gitea-local-build",
};

const image: ImageInspection = {
  id: `sha256:${"c".repeat(64)}`,
  labels: { ...asEngineLabels(labels), "org.opencontainers.image.title": "of the template itself" },
  os: "linux",
  architecture: "amd64",
  variant: "",
  tags: [],
  digests: [],
  sizeBytes: 1,
  taggedAt: null,
};

test("the labels have their public names", () => {
  expect(asEngineLabels(labels)).toEqual({
    "org.opencontainers.image.revision": labels.revision,
    "org.opencontainers.image.source": labels.source,
    "molecule.image.runtime": "hermes",
    "molecule.image.build-key": labels.buildKey,
    "molecule.image.managed-by": "gitea-local-build",
  });
});

test("accepts an image with these labels and this platform", () => {
  expect(differsFrom(image, labels, defaultPlatform)).toBeUndefined();
});

test("accepts an image whatever source built it", () => {
  const other = { ...image, labels: { ...image.labels, [labelNames.managedBy]: "podman" } };
  expect(differsFrom(other, labels, defaultPlatform)).toBeUndefined();
});

test.each(["revision", "source", "runtime", "buildKey"] as const)(
  "rejects an image with another %s",
  (name) => {
    const other = { ...image, labels: { ...image.labels, [labelNames[name]]: "other" } };
    expect(differsFrom(other, labels, defaultPlatform)).toContain(`${labelNames[name]} is other`);
  },
);

test.each(["revision", "source", "runtime", "buildKey"] as const)(
  "rejects an image without a label for %s",
  (name) => {
    const rest = Object.fromEntries(
      Object.entries(image.labels).filter(([label]) => label !== labelNames[name]),
    );
    expect(differsFrom({ ...image, labels: rest }, labels, defaultPlatform)).toContain("is missing");
  },
);

test("a build without a revision writes no label for it, and accepts that of a base image", () => {
  const ofContent = { ...labels, revision: undefined };
  expect(asEngineLabels(ofContent)).not.toHaveProperty([labelNames.revision]);
  expect(differsFrom(image, ofContent, defaultPlatform)).toBeUndefined();
  const other = { ...image, labels: { ...image.labels, [labelNames.buildKey]: "other" } };
  expect(differsFrom(other, ofContent, defaultPlatform)).toContain(labelNames.buildKey);
});

test("rejects an image for another platform", () => {
  const arm = { ...image, architecture: "arm64", variant: "v8" };
  expect(differsFrom(arm, labels, defaultPlatform)).toBe("it is for linux/arm64/v8, not linux/amd64");
  expect(differsFrom(arm, labels, parsePlatform("linux/arm64"))).toBeUndefined();
  expect(differsFrom({ ...image, os: "windows" }, labels, defaultPlatform)).toContain("windows");
});
