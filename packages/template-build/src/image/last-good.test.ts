import { describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  parseCommitSha,
  parsePlatform,
  parseRuntimeName,
  type ImageInspection,
} from "@molecule/core";
import * as v from "valibot";
import { buildKey } from "./build-key.js";
import type { BuildRecord } from "./build-records.js";
import { labelNames } from "./image-labels.js";
import { newestGood, type LastGoodQuestion } from "./last-good.js";
import { optionsFor } from "../options/runtime-options.js";
import { templateOptions } from "../options/template-options.js";

const options = optionsFor(v.parse(templateOptions, {}), parseRuntimeName("hermes"));
const question: LastGoodQuestion = {
  runtime: parseRuntimeName("hermes"),
  platform: defaultPlatform,
  options,
  source: "https://forge.example/acme/t-hermes",
  prefix: "molecule-local",
  isolation: "",
};
const now = Date.parse("2026-01-01T00:00:00Z");

/** Returns the image of the commit whose digits are all `digit`, as a build now creates it, with the test's changes. */
function image(digit: string, changes: Partial<ImageInspection> = {}): ImageInspection {
  const commit = parseCommitSha(digit.repeat(40));
  return {
    id: `sha256:${digit.repeat(64)}`,
    os: "linux",
    architecture: "amd64",
    variant: "",
    labels: {
      [labelNames.revision]: commit,
      [labelNames.source]: question.source,
      [labelNames.runtime]: "hermes",
      [labelNames.buildKey]: buildKey({
        ...options,
        commit,
        platform: defaultPlatform,
      }),
    },
    tags: [`molecule-local/workspace-template-hermes:${digit.repeat(12)}`],
    digests: [],
    sizeBytes: 1,
    taggedAt: "2025-01-01T00:00:00Z",
    ...changes,
  };
}

const recorded = (...digits: string[]): ReadonlyMap<string, BuildRecord> =>
  new Map(
    digits.map((digit, index) => {
      const imageId = `sha256:${digit.repeat(64)}`;
      return [imageId, { imageId, reference: "x", sequence: index + 1, builtAt: 0 }];
    }),
  );

describe("the newest good image", () => {
  test("is the last one built, whatever the clock showed", () => {
    const images = [
      image("a", { taggedAt: "2025-06-01T00:00:00Z" }),
      image("b", { taggedAt: "1999-01-01T00:00:00Z" }),
      image("c", { taggedAt: "2036-01-01T00:00:00Z" }),
    ];
    expect(newestGood(images, recorded("c", "a", "b"), question, now)?.image.id).toBe(images[1]?.id);
  });

  test("without build records is the last one tagged; images tagged in the future come last", () => {
    const images = [
      image("a", { taggedAt: "2025-01-01T00:00:00Z" }),
      image("b", { taggedAt: "2025-06-01T00:00:00Z" }),
      image("c", { taggedAt: "2036-01-01T00:00:00Z" }),
    ];
    expect(newestGood(images, recorded(), question, now)?.image.id).toBe(images[1]?.id);
    expect(newestGood(images, recorded("a"), question, now)?.image.id).toBe(images[0]?.id);
  });

  test("has its commit, key and reference", () => {
    expect(newestGood([image("a")], recorded(), question, now)).toMatchObject({
      revision: "a".repeat(40),
      reference: `molecule-local/workspace-template-hermes:${"a".repeat(12)}`,
    });
  });
});

describe("never returns", () => {
  const label = (name: keyof typeof labelNames, value: string): Partial<ImageInspection> => ({
    labels: { ...image("a").labels, [labelNames[name]]: value },
  });
  test.each<[string, Partial<ImageInspection>]>([
    ["an image of another forge", label("source", "https://elsewhere.example/acme/t-hermes")],
    ["an image of another runtime", label("runtime", "codex")],
    ["an image built with other options", label("buildKey", "0".repeat(64))],
    ["an image with an invalid commit", label("revision", "HEAD")],
    ["an image whose label and tag name different commits", label("revision", "b".repeat(40))],
    ["an image for another platform", { architecture: "arm64" }],
    [
      "an image without the name of its commit",
      { tags: ["molecule-local/workspace-template-hermes:latest"] },
    ],
  ])("%s", (_what, changes) => {
    expect(newestGood([image("a", changes)], recorded("a"), question, now)).toBeUndefined();
  });

  test("an image of another isolation, or of the default platform if another is requested", () => {
    expect(newestGood([image("a")], recorded(), { ...question, isolation: "--other" }, now)).toBeUndefined();
    const arm = { ...question, platform: parsePlatform("linux/arm64") };
    expect(newestGood([image("a")], recorded(), arm, now)).toBeUndefined();
  });
});
