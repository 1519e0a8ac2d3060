import { describe, expect, test } from "@jest/globals";
import { ImageSourceError, type Env, type Run, type RunResult } from "@molecule/core";
import { askCredentialHelper } from "./credential-helper.js";
import { helperRuns, helperSays } from "./docker-files.test.support.js";

const from = 'credHelpers["r:5000"] of /home/me/.docker/config.json';
const entry = (helper = "vault"): Parameters<typeof askCredentialHelper>[0] => ({
  kind: "helper",
  from,
  helper,
  server: "r:5000",
});
const ask = (result: Partial<RunResult>, env: Env = {}): ReturnType<typeof askCredentialHelper> =>
  askCredentialHelper(entry(), { env, run: helperRuns(() => result).run });

describe("a credential helper", () => {
  test("gets one argument, and the server on stdin without a line end", async () => {
    const { run, runs } = helperRuns(() => helperSays("foo", "bar"));
    expect(await askCredentialHelper(entry(), { env: { PATH: "/bin" }, run })).toEqual({
      username: "foo",
      password: "bar",
      from,
    });
    expect(runs).toMatchObject([
      { command: "docker-credential-vault", args: ["get"], options: { input: "r:5000", timeoutMs: 30_000 } },
    ]);
    expect(runs[0]?.options.maxOutputBytes).toBeLessThanOrEqual(65_536);
  });

  test("gets the user's environment variables but none of our secrets", async () => {
    const { run, runs } = helperRuns(() => helperSays("foo", "bar"));
    const env = {
      PATH: "/bin",
      AWS_PROFILE: "a",
      MOLECULE_GITEA_TOKEN: "t",
      DOCKER_AUTH_CONFIG: "{}",
      UNSET: undefined,
    };
    await askCredentialHelper(entry(), { env, run });
    expect(runs[0]?.options.env).toEqual({ PATH: "/bin", AWS_PROFILE: "a" });
  });

  test.each<[string, Partial<RunResult>, object | undefined]>([
    ["a password", helperSays("foo", "bar"), { username: "foo", password: "bar" }],
    ["an identity token", helperSays("<token>", "abcd1234"), { identityToken: "abcd1234" }],
    ["nothing", { exitCode: 1, stdout: "credentials not found in native keychain\n" }, undefined],
    [
      "a result with its own name",
      { stdout: '{"ServerURL":"x","Username":"u","Secret":"s"}' },
      { username: "u", password: "s" },
    ],
  ])("returns %s", async (_what, result, expected) => {
    expect(await ask(result)).toEqual(expected === undefined ? undefined : { ...expected, from });
  });

  test.each<[string, Partial<RunResult>, string]>([
    ["fails", { exitCode: 1, stdout: "program failed\nand more" }, "status 1: program failed"],
    ["fails with control characters", { exitCode: 2, stdout: "\u001b[31mno" }, "status 2: \\u001b[31mno"],
    ["fails without output", { exitCode: 3 }, "status 3"],
    ["requires a server", { exitCode: 1, stdout: "no credentials server URL" }, "no credentials server URL"],
    ["never ends", { exitCode: null, ended: "timed-out" }, "did not respond within 30 s"],
    ["never stops", { exitCode: null, ended: "too-much-output" }, "more than 65536 bytes"],
    ["is killed", { exitCode: null }, "killed by a signal"],
    [
      "lacks its interpreter",
      { exitCode: 127, stderr: "/usr/bin/env: 'python9': No such file or directory\n" },
      "status 127: /usr/bin/env: 'python9': No such file",
    ],
  ])("reports why a helper failed: it %s", async (_what, result, sent) => {
    await expect(ask(result)).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(sent),
      hint: expect.stringContaining(from),
    });
  });

  test.each<[string, Partial<RunResult>]>([
    ["is not JSON", { stdout: "its-secret" }],
    ["is JSON of another type", { stdout: '["its-secret"]' }],
    ["is cut short", { stdout: '{"Username":"u","Secret":"its-secret' }],
    ["comes with a failure", { exitCode: 1, stdout: '{"Username":"u","Secret":"its-secret"}' }],
    ["is on stderr", { exitCode: 1, stderr: "its-secret" }],
    ["comes before the deadline", { exitCode: null, ended: "timed-out", stdout: "its-secret" }],
  ])("does not quote output that %s", async (_what, result) => {
    const failure = await ask(result).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "SOURCE_DENIED" });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("its-secret");
    expect(failure).not.toHaveProperty("cause");
  });

  test("is named if it does not exist", async () => {
    await expect(ask({ exitCode: null, ended: "not-found" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("docker-credential-vault"),
    });
  });

  test("that cannot be started is a configuration error naming the helper, the file and the entry", async () => {
    const run: Run = () =>
      Promise.reject(
        new ImageSourceError({
          code: "TOOL_MISSING",
          message: "cannot start /bin/docker-credential-vault: its interpreter /nosuch does not exist",
          hint: "",
        }),
      );
    const refused = askCredentialHelper(entry(), { env: {}, run });
    await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    for (const part of [from, "docker-credential-vault", "/nosuch does not exist"])
      await expect(refused).rejects.toThrow(part);
  });

  test.each(["../../tmp/evil", "a/b", "/bin/sh", "", " ", "a b", "a\0b", "a;b", "é"])(
    "does not run the invalid name %j",
    async (helper) => {
      const { run, runs } = helperRuns(() => helperSays("foo", "bar"));
      await expect(askCredentialHelper(entry(helper), { env: {}, run })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(from),
      });
      expect(runs).toEqual([]);
    },
  );

  test("stops when its caller aborts", async () => {
    const caller = new AbortController();
    const { run, runs } = helperRuns(() => {
      caller.abort();
      return { exitCode: null, ended: "cancelled" };
    });
    await expect(askCredentialHelper(entry(), { env: {}, run }, caller.signal)).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(runs[0]?.options.signal).toBe(caller.signal);
  });
});
