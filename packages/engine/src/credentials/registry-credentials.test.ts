import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Env, RegistryCredential } from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { basic, helperRuns, helperSays, writeDockerConfig } from "./docker-files.test.support.js";
import { describeCredentialEntry } from "./describe-credential-entry.js";
import { registryCredentials } from "./registry-credentials.js";

let directory: TemporaryDirectory;
let home: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  home = directory.path;
});
afterEach(() => directory.remove());

const noHelper = helperRuns(() => {
  throw new Error("no helper should run");
});
const found = (registry: string, env: Env = {}): Promise<RegistryCredential | undefined> =>
  registryCredentials(registry, { env, home, run: noHelper.run });

describe("the entry of a registry", () => {
  test.each([
    ["auth", { auth: basic("me", "pa:ss") }, { username: "me", password: "pa:ss" }],
    ["auth over two lines", { auth: "bWU6\ncGFzcw==" }, { username: "me", password: "pass" }],
    ["auth padded with zeros", { auth: basic("me", "pass\0\0") }, { username: "me", password: "pass" }],
    ["plain fields", { username: "me", password: "pass" }, { username: "me", password: "pass" }],
    [
      "auth before plain fields",
      { auth: basic("me", "pass"), username: "other", password: "other" },
      { username: "me", password: "pass" },
    ],
    [
      "an identity token before all else",
      { auth: basic("me", ""), identitytoken: "tok" },
      { identityToken: "tok" },
    ],
    ["a member in another case", { Auth: basic("me", "pass") }, { username: "me", password: "pass" }],
    [
      "a member in the right case first",
      { AUTH: basic("you", "pass"), auth: basic("me", "pass") },
      { username: "me", password: "pass" },
    ],
    ["nothing", {}, undefined],
    ["an empty auth", { auth: "" }, undefined],
    ["an e-mail address", { email: "me@example.com" }, undefined],
  ])("%s", async (_what, entry, expected) => {
    const path = await writeDockerConfig(home, { auths: { "r:5000": entry } });
    expect(await found("r:5000")).toEqual(
      expected === undefined ? undefined : { ...expected, from: `auths["r:5000"] of ${path}` },
    );
  });

  test.each([
    ["no base64", { auth: "not base64!" }],
    ["base64 without a colon", { auth: Buffer.from("me").toString("base64") }],
    ["no user", { auth: basic("", "its-password") }],
    ["no padding", { auth: basic("me", "its-password12").replace(/=+$/, "") }],
  ])("rejects %s without quoting it", async (_what, entry) => {
    const path = await writeDockerConfig(home, { auths: { "r:5000": entry } });
    const failure = await found("r:5000").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining(path) });
    expect(String(failure)).not.toContain(entry.auth);
    expect(await found("other:5000")).toBeUndefined();
  });
});

describe("the key of a registry", () => {
  const answer = { auth: basic("me", "pass") };
  test.each([
    ["docker.io", "https://index.docker.io/v1/", true],
    ["index.docker.io", "https://index.docker.io/v1/", true],
    ["docker.io", "docker.io", false],
    ["docker.io", "index.docker.io", false],
    ["docker.io", "https://index.docker.io/v2/", false],
    ["r.example.com", "r.example.com", true],
    ["r.example.com", "https://r.example.com", true],
    ["r.example.com", "http://r.example.com/v1/", true],
    ["r.example.com", "r.example.com/path", true],
    ["r.example.com:5000", "https://r.example.com:5000/v2/", true],
    ["r.example.com", "r.example.com:443", false],
    ["r.example.com:5000", "r.example.com", false],
    ["r.example.com:5000", "r.example.com:5001", false],
    ["r.example.com", "ftp://r.example.com", true],
    ["r.example.com", "https://me@r.example.com", true],
    ["r.example.com", "https://r.example.com@evil.example", false],
    ["r.example.com", "https://r.example.com:443", false],
    ["r.example.com", "https://evil.example?r.example.com", false],
    ["r.example.com", "R.example.com", false],
    ["r.example.com", "r.example.com.evil.example", false],
    ["r.example.com", "evil.example/r.example.com", false],
    ["r.example.com", "https://evil.example/https://r.example.com", false],
    ["r.example.com", "*.example.com", false],
    ["example.com", "r.example.com", false],
    ["r.example.com", "me@r.example.com", false],
    ["[::1]:5000", "http://[::1]:5000/", true],
  ])("of %s may be %s: %s", async (registry, key, isFound) => {
    await writeDockerConfig(home, { auths: { [key]: answer } });
    expect((await found(registry)) !== undefined).toBe(isFound);
  });

  test("an exact key takes precedence over one with a scheme", async () => {
    await writeDockerConfig(home, {
      auths: { "https://r:5000": { auth: basic("old", "old") }, "r:5000": answer },
    });
    expect(await found("r:5000")).toMatchObject({ username: "me" });
  });
});

describe("precedence of credential entries", () => {
  const helper = helperRuns(({ command }) => helperSays(command, "secret"));
  const from = async (registry: string, env: Env = {}): Promise<RegistryCredential | undefined> =>
    registryCredentials(registry, { env, home, run: helper.run });
  const auths = { "r:5000": { auth: basic("file", "pass") }, "s:5000": { auth: basic("file", "pass") } };

  test("credHelpers, then credsStore, then auths", async () => {
    const path = await writeDockerConfig(home, {
      auths,
      credHelpers: { "r:5000": "own" },
      credsStore: "all",
    });
    expect(await from("r:5000")).toEqual({
      username: "docker-credential-own",
      password: "secret",
      from: `credHelpers["r:5000"] of ${path}`,
    });
    expect(await from("s:5000")).toEqual({
      username: "docker-credential-all",
      password: "secret",
      from: `credsStore of ${path}`,
    });
    await writeDockerConfig(home, { auths, credHelpers: { "r:5000": "own" } });
    expect(await from("s:5000")).toMatchObject({ username: "file" });
  });

  test("an empty helper exempts a registry from credsStore", async () => {
    await writeDockerConfig(home, { auths, credHelpers: { "r:5000": "" }, credsStore: "all" });
    expect(await from("r:5000")).toMatchObject({ username: "file" });
  });

  test("a helper's key must match the registry exactly", async () => {
    await writeDockerConfig(home, { credHelpers: { "https://r:5000": "own", "docker.io": "own" } });
    expect(await from("r:5000")).toBeUndefined();
    expect(await from("docker.io")).toBeUndefined();
    await writeDockerConfig(home, { credHelpers: { "https://index.docker.io/v1/": "own" } });
    expect(await from("docker.io")).toMatchObject({ username: "docker-credential-own" });
    expect(helper.runs.at(-1)?.options.input).toBe("https://index.docker.io/v1/");
  });

  test("auths are not used if a helper has no credentials", async () => {
    await writeDockerConfig(home, { auths, credsStore: "all" });
    const { run } = helperRuns(() => ({ exitCode: 1, stdout: "credentials not found in native keychain\n" }));
    expect(await registryCredentials("r:5000", { env: {}, home, run })).toBeUndefined();
  });

  test("DOCKER_AUTH_CONFIG takes precedence for the registries it names", async () => {
    await writeDockerConfig(home, { auths, credHelpers: { "r:5000": "own" } });
    const env = {
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "r:5000": { auth: basic("variable", "pass") } } }),
    };
    expect(await from("r:5000", env)).toEqual({
      username: "variable",
      password: "pass",
      from: 'auths["r:5000"] of DOCKER_AUTH_CONFIG',
    });
    expect(await from("s:5000", env)).toMatchObject({ username: "file" });
    expect(await from("r:5000", { DOCKER_AUTH_CONFIG: "" })).toMatchObject({
      username: "docker-credential-own",
    });
  });

  test("DOCKER_CONFIG instead of ~/.docker", async () => {
    await writeDockerConfig(home, { auths });
    const other = join(home, "other");
    await writeDockerConfig(other, { auths: { "r:5000": { auth: basic("other", "pass") } } });
    const env = { DOCKER_CONFIG: join(other, ".docker") };
    expect(await from("r:5000", env)).toMatchObject({ username: "other" });
    expect(await from("s:5000", env)).toBeUndefined();
    expect(await from("r:5000", { DOCKER_CONFIG: "" })).toMatchObject({ username: "file" });
  });

  test("names of Object.prototype are not keys", async () => {
    await writeDockerConfig(
      home,
      '{"auths":{"__proto__":{"auth":"eDp5"}},"credHelpers":{"__proto__":"own"}}',
    );
    for (const name of ["constructor", "toString", "hasOwnProperty"])
      expect(await from(name)).toBeUndefined();
  });

  test.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["an empty object", {}],
    ["null", "null"],
    ["a list", []],
    ["auths of the wrong type", { auths: ["r:5000"], credHelpers: "own", credsStore: 7 }],
  ])("%s: nothing is configured", async (_what, content) => {
    if (content !== undefined) await writeDockerConfig(home, content);
    expect(await from("r:5000")).toBeUndefined();
  });

  test.each([
    ["the file", async () => writeDockerConfig(home, '{"auths": "its-secret'), {}],
    ["the variable", async () => "DOCKER_AUTH_CONFIG", { DOCKER_AUTH_CONFIG: '{"auths": "its-secret' }],
  ])("names %s that is not JSON without quoting it", async (_what, write, env) => {
    const path = await write();
    const failure = await found("r:5000", env).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining(path) });
    expect(failure).not.toHaveProperty("cause");
    expect(String(failure)).not.toContain("its-secret");
  });
});

test("describes the entry without running a helper and without its secret", async () => {
  const path = await writeDockerConfig(home, {
    credHelpers: { "r:5000": "own" },
    auths: { "s:5000": { auth: basic("me", "pass") } },
  });
  const described = (registry: string) => describeCredentialEntry(registry, { env: {}, home });
  expect(await described("r:5000")).toEqual({
    from: `credHelpers["r:5000"] of ${path}`,
    helper: "docker-credential-own",
  });
  expect(await described("s:5000")).toEqual({ from: `auths["s:5000"] of ${path}`, helper: undefined });
  expect(await described("t:5000")).toBeUndefined();
});
