import { describe, expect, test } from "@jest/globals";
import { parseCommitSha, parseImageReference, parsePlatform, parseRuntimeName } from "@molecule/core";
import { labelNames } from "./image-labels.js";
import { isolationSuffix, localReference, revisionOf, type LocalReference } from "./local-reference.js";

function named(platform: string, isolation?: string): LocalReference {
  return localReference({
    prefix: "molecule-local",
    runtime: parseRuntimeName("hermes"),
    commit: parseCommitSha("0123456789abcdef0123456789abcdef01234567"),
    platform: parsePlatform(platform),
    isolation: isolationSuffix(isolation),
  });
}

describe("returns the names of a local build", () => {
  test.each([
    ["linux/amd64", undefined, "0123456789ab", "latest"],
    ["linux/x86_64", undefined, "0123456789ab", "latest"],
    ["linux/arm64", undefined, "0123456789ab-arm64", "latest-arm64"],
    ["linux/arm64/v8", undefined, "0123456789ab-arm64", "latest-arm64"],
    ["linux/arm/v7", undefined, "0123456789ab-arm-v7", "latest-arm-v7"],
    ["linux/arm", undefined, "0123456789ab-arm-v7", "latest-arm-v7"],
    ["linux/amd64/v3", undefined, "0123456789ab-amd64-v3", "latest-amd64-v3"],
    ["linux/amd64", "", "0123456789ab", "latest"],
    ["linux/amd64", "ci.7_a", "0123456789ab--ci.7_a", "latest--ci.7_a"],
    ["linux/arm64", "blue", "0123456789ab-arm64--blue", "latest-arm64--blue"],
  ])("for %s, with isolation %j", (platform, isolation, tag, alias) => {
    expect(named(platform, isolation)).toEqual({
      reference: `molecule-local/workspace-template-hermes:${tag}`,
      alias: `molecule-local/workspace-template-hermes:${alias}`,
    });
  });

  test("are valid references, even the longest", () => {
    const { reference, alias } = named("linux/riscv64/v9", "i".repeat(48));
    expect(parseImageReference(reference).familiar).toBe(reference);
    expect(parseImageReference(alias).familiar).toBe(alias);
  });
});

test("names a working copy after its build key", () => {
  const request = {
    prefix: "molecule-local",
    runtime: parseRuntimeName("hermes"),
    workingCopy: { buildKey: "0123456789abcdef".repeat(4) },
    platform: parsePlatform("linux/arm64"),
    isolation: "--ci",
  };
  expect(localReference(request)).toEqual({
    reference: "molecule-local/workspace-template-hermes:dev-0123456789ab-arm64--ci",
    alias: "molecule-local/workspace-template-hermes:dev-arm64--ci",
  });
});

test("the revision of an image is its label, unless its name is that of a working copy", () => {
  const labels = {
    [labelNames.revision]: "f".repeat(40),
    [labelNames.buildKey]: "0123456789abcdef".repeat(4),
  };
  const name = "molecule-local/workspace-template-hermes";
  expect(revisionOf(labels, [`${name}:ffffffffffff`])).toBe("f".repeat(40));
  expect(revisionOf(labels, [`${name}:dev`, "registry.example/x:dev-abc"])).toBe("f".repeat(40));
  expect(revisionOf(labels, [`${name}:dev-0123456789ab--ci`])).toBeNull();
  expect(revisionOf({}, [])).toBeNull();
});

test.each([" ", "A", "-a", ".a", "_a", "a b", "a/b", "a:b", "a\n", "ä", "a".repeat(49), "../x"])(
  "rejects the isolation %j",
  (isolation) => {
    expect(() => isolationSuffix(isolation)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("MOLECULE_LOCAL_IMAGE_ISOLATION"),
      }),
    );
  },
);
