import { describe, expect, test } from "@jest/globals";
import { parsePlatform, runsOn } from "../values/platform.js";
import { baseImages } from "./base-images.js";

describe("base images in a builder's output", () => {
  test.each([
    [
      "Podman 5",
      "WARNING: image platform (linux/arm64) does not match the expected platform (linux/amd64)",
      "",
    ],
    [
      "Podman 5, a variant",
      "WARNING: image platform (linux/arm/v7) does not match the expected platform (linux/amd64)",
      "v7",
    ],
    [
      "Podman 4.3",
      "WARNING: image platform ({arm64 linux  [] }) does not match the expected platform ({amd64 linux  [] })",
      "",
    ],
    [
      "the classic builder",
      "\nWARNING: Pulled image with specified platform (linux/amd64), but the resulting image's configured platform (linux/arm64) does not match.\nThis is",
      "",
    ],
  ])("%s", (_, warning, variant) => {
    const bases = baseImages();
    bases.takeLine("[1/2] STEP 1/3: FROM r.example/a:1 AS x");
    bases.takeLine(warning);
    expect(bases.foreign).toEqual([
      {
        image: "r.example/a:1",
        platform: { os: "linux", architecture: expect.stringMatching(/^arm/), variant },
      },
    ]);
  });

  test("BuildKit", () => {
    const bases = baseImages();
    bases.takeWarning(
      'InvalidBaseImagePlatform: Base image r.example/a:1 was pulled with platform "linux/arm64", expected "linux/amd64" for current build (line 1)',
    );
    bases.takeWarning("StageNameCasing: Stage name 'X' should be lowercase (line 1)");
    expect(bases.foreign).toMatchObject([{ image: "r.example/a:1", platform: { architecture: "arm64" } }]);
  });

  test("ignores the same text printed by a command", () => {
    const bases = baseImages();
    bases.takeLine("Step 1/2 : FROM r.example/a:1");
    bases.takeLine("Step 2/2 : RUN x");
    bases.takeLine(
      "WARNING: image platform (linux/arm64) does not match the expected platform (linux/amd64)",
    );
    expect(bases.foreign).toEqual([]);
  });
});

test("lists the images that a build used, except stages, scratch and those with their own platform", () => {
  const bases = baseImages();
  bases.takeLine("Step 1/5 : FROM r.example/a:1 AS One");
  bases.takeLine("Step 2/5 : FROM one");
  bases.takeLine("Step 3/5 : FROM --platform=linux/arm64 r.example/b:1");
  bases.takeLine("Step 4/5 : FROM scratch");
  bases.takeLine("Step 5/5 : COPY --from=r.example/c:1 x y");
  expect(bases.used).toEqual(["r.example/a:1"]);
});

test("lists a base that a variable names by the ID that the classic builder prints", () => {
  const bases = baseImages();
  bases.takeLine("Step 1/5 : ARG BASE=r.example/a:1");
  bases.takeLine("Step 2/5 : FROM ${BASE} AS one");
  bases.takeLine(" ---> 8a39489bc31f");
  bases.takeLine("Step 3/5 : RUN x");
  bases.takeLine(" ---> 0127c8022e57");
  bases.takeLine("Step 4/5 : FROM $OTHER");
  bases.takeLine("Step 5/5 : RUN x");
  expect(bases.used).toEqual(["8a39489bc31f"]);
});

test.each([
  ["linux/386", "linux/amd64", true],
  ["linux/arm/v6", "linux/arm/v7", true],
  ["linux/arm/v7", "linux/arm/v6", false],
  ["linux/arm/v7", "linux/arm64", true],
  ["linux/amd64/v2", "linux/amd64", true],
  ["linux/arm64", "linux/amd64", false],
  ["windows/amd64", "linux/amd64", false],
])("an image for %s on %s: %s", (seen, wanted, runs) => {
  const [os = "", architecture = "", variant = ""] = seen.split("/");
  expect(runsOn({ os, architecture, variant }, parsePlatform(wanted))).toBe(runs);
});
