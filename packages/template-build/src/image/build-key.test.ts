import { expect, test } from "@jest/globals";
import { defaultPlatform, parseCommitSha, parsePlatform, type CommitSha } from "@molecule/core";
import { buildKey, type BuildOptions } from "./build-key.js";

const options: BuildOptions = {
  platform: defaultPlatform,
  dockerfile: "Dockerfile",
  target: undefined,
  buildArgs: { ONE: "1", TWO: "2" },
  buildArgsFrom: { VERSION: ".version" },
  allowSubmodules: false,
  allowLfs: false,
  secrets: {},
};
const commit = parseCommitSha("a".repeat(40));
const inputs = { ...options, commit };

test("a build key is 64 lower-case hex digits, the same for the same inputs", () => {
  expect(buildKey(inputs)).toMatch(/^[0-9a-f]{64}$/);
  expect(buildKey({ ...inputs })).toBe(buildKey(inputs));
});

// A change here would rebuild every image of earlier versions: it needs a decision page.
test("a build key keeps its value across versions", () => {
  expect(buildKey(inputs)).toBe("8730faf512bf6b38c005e65a69713615b02fd83f0e157bb98b600a1c0dcaed83");
});

test("a build key does not depend on the order of arguments", () => {
  expect(buildKey({ ...inputs, buildArgs: { TWO: "2", ONE: "1" } })).toBe(buildKey(inputs));
});

test.each<[string, Partial<BuildOptions> & { readonly commit?: CommitSha }]>([
  ["the commit", { commit: parseCommitSha("b".repeat(40)) }],
  ["the platform", { platform: parsePlatform("linux/arm64") }],
  ["the Dockerfile", { dockerfile: "Dockerfile.dev" }],
  ["the target", { target: "dev" }],
  ["the value of an argument", { buildArgs: { ONE: "1", TWO: "3" } }],
  ["the name of an argument", { buildArgs: { ONE: "1", THREE: "2" } }],
  ["one argument less", { buildArgs: { ONE: "1" } }],
  ["no arguments", { buildArgs: {} }],
  ["values that are exchanged", { buildArgs: { ONE: "2", TWO: "1" } }],
  ["a value that looks like two arguments", { buildArgs: { ONE: '1"],["TWO","2' } }],
  ["the file of an argument", { buildArgsFrom: { VERSION: "version" } }],
  ["the argument of a file", { buildArgsFrom: { RELEASE: ".version" } }],
  ["no files", { buildArgsFrom: {} }],
  ["files as arguments", { buildArgs: { ONE: "1", TWO: "2", VERSION: ".version" }, buildArgsFrom: {} }],
  ["submodules", { allowSubmodules: true }],
  ["LFS", { allowLfs: true }],
  ["a secret", { secrets: { npmrc: { env: "NPMRC" } } }],
])("a build key changes with %s", (_what, change) => {
  expect(buildKey({ ...options, ...change, commit: change.commit ?? commit })).not.toBe(buildKey(inputs));
});

test("a build key of a working copy covers its content, and is never that of a commit", () => {
  const ofContent = buildKey({ ...options, content: commit });
  expect(ofContent).toMatch(/^[0-9a-f]{64}$/);
  expect(buildKey({ ...options, content: commit, target: undefined })).toBe(ofContent);
  expect(buildKey({ ...options, content: "b".repeat(40) })).not.toBe(ofContent);
  expect(buildKey({ ...options, content: commit, target: "dev" })).not.toBe(ofContent);
  expect(buildKey(inputs)).not.toBe(ofContent);
});

test("a build key distinguishes submodules from LFS", () => {
  expect(buildKey({ ...inputs, allowSubmodules: true })).not.toBe(buildKey({ ...inputs, allowLfs: true }));
});

test("a build key depends only on the IDs of secrets, in any order", () => {
  const one = buildKey({ ...inputs, secrets: { npmrc: { env: "NPMRC" }, key: { file: "/key" } } });
  expect(buildKey({ ...inputs, secrets: { key: { env: "KEY" }, npmrc: { file: "/npmrc" } } })).toBe(one);
  expect(buildKey({ ...inputs, secrets: { npmrc: { env: "NPMRC" } } })).not.toBe(one);
});
