import { expect, test } from "@jest/globals";
import { parseCommitSha, parseRuntimeName } from "@molecule/core";
import * as v from "valibot";
import { buildKey } from "../image/build-key.js";
import { optionsFor } from "./runtime-options.js";
import { templateOptions } from "./template-options.js";

const hermes = parseRuntimeName("hermes");
const codex = parseRuntimeName("codex");
const shared = {
  branch: "stable",
  dockerfile: "docker/Dockerfile",
  target: "run",
  buildArgs: { A: "1", B: "2" },
  secrets: { npmrc: { env: "NPMRC" } },
  allowedRegistries: ["docker.io"],
};

const effective = (templates: object, runtime = hermes) =>
  optionsFor(v.parse(templateOptions, { ...shared, templates }), runtime);

test("a runtime without an entry has the source's options", () => {
  expect(effective({ codex: { branch: "x" } })).toEqual({
    ...effective({}, codex),
    repo: undefined,
    revision: undefined,
    path: undefined,
  });
  expect(effective({})).toMatchObject(shared);
});

test("a commit that the caller asks for replaces the configured one, and a working copy", () => {
  const revision = parseCommitSha("8".repeat(40));
  const of = (entry: object) =>
    optionsFor(v.parse(templateOptions, { ...shared, templates: { hermes: entry } }), hermes, { revision });
  expect(of({ revision: "9".repeat(40), dockerfile: "D" })).toMatchObject({ revision, dockerfile: "D" });
  expect(of({ path: "/src/hermes" })).toMatchObject({ revision, path: undefined });
});

test("each key of an entry replaces the whole value", () => {
  const entry = {
    repo: "https://h/me/hermes",
    branch: "mine",
    revision: "9".repeat(40),
    dockerfile: "D",
    target: "dev",
    buildArgs: { C: "3" },
    buildArgsFrom: {},
    secrets: {},
  };
  expect(effective({ hermes: entry })).toMatchObject(entry);
  expect(effective({ hermes: entry }).buildArgs).toEqual({ C: "3" });
  expect(effective({ hermes: entry }).secrets).toEqual({});
  expect(effective({ hermes: entry }).allowedRegistries).toEqual(["docker.io"]);
});

test("an undefined value, as an application may pass it, means the source's", () => {
  expect(effective({ hermes: { branch: undefined, buildArgs: undefined } })).toEqual(effective({}));
});

test("a name that every object has is no entry", () => {
  expect(effective({}, parseRuntimeName("constructor"))).toMatchObject(shared);
});

test.each([
  { dockerfile: "D" },
  { target: "dev" },
  { buildArgs: {} },
  { buildArgsFrom: {} },
  { secrets: {} },
])("%j gives another build key", (entry) => {
  const commit = parseCommitSha("9".repeat(40));
  const key = (templates: object, runtime = hermes) =>
    buildKey({ ...effective(templates, runtime), commit, platform: "linux/amd64" as never });
  expect(key({ hermes: entry })).not.toBe(key({}));
  expect(key({ hermes: entry }, codex)).toBe(key({}));
});
