import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createMask, type Clock, type RegistryCredentials, type RunResult } from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { createRegistryCredentials } from "./create-registry-credentials.js";
import {
  basic,
  helperRuns,
  helperSays,
  writeDockerConfig,
  type HelperRun,
} from "./docker-files.test.support.js";

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

function open(answer: (run: HelperRun) => Partial<RunResult> | Promise<Partial<RunResult>>) {
  let now = 0;
  const clock: Clock = {
    monotonicMs: () => now,
    wallMs: () => {
      throw new Error("the machine's clock may jump");
    },
    after: () => () => undefined,
  };
  const logged: unknown[] = [];
  const mask = createMask();
  const helper = helperRuns(answer);
  const credentials: RegistryCredentials = createRegistryCredentials({
    env: {},
    home: directory.path,
    run: helper.run,
    clock,
    mask,
    log: { debug: (message, fields) => void logged.push({ message, ...fields }) },
  });
  return {
    credentials,
    runs: helper.runs,
    mask,
    logged,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** Returns a promise and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

test("caches a helper's result for five minutes, and requests it again after a refusal", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault" });
  const world = open(() => helperSays("me", `secret-${String(world.runs.length)}`));
  const { credentials, runs, pass } = world;
  expect(await credentials.find("r:5000")).toMatchObject({ password: "secret-1" });
  pass(5 * 60_000);
  expect(await credentials.find("r:5000")).toMatchObject({ password: "secret-1" });
  pass(1);
  expect(await credentials.find("r:5000")).toMatchObject({ password: "secret-2" });
  pass(1);
  expect(await credentials.find("r:5000", { fresh: true })).toMatchObject({ password: "secret-3" });
  expect(await credentials.find("r:5000")).toMatchObject({ password: "secret-3" });
  expect(await credentials.find("s:5000")).toMatchObject({ password: "secret-4" });
  expect(runs.map(({ options }) => options.input)).toEqual(["r:5000", "r:5000", "r:5000", "s:5000"]);
});

test("does not cache that a helper has no credentials: a login takes effect immediately", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault" });
  let known = false;
  const { credentials } = open(() =>
    known ? helperSays("me", "secret") : { exitCode: 1, stdout: "credentials not found in native keychain" },
  );
  expect(await credentials.find("r:5000")).toBeUndefined();
  known = true;
  expect(await credentials.find("r:5000")).toMatchObject({ username: "me" });
});

test("does not cache a failure, and does not block other callers", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault" });
  let fails = true;
  const { credentials } = open(() =>
    fails ? { exitCode: 1, stdout: "locked" } : helperSays("me", "secret"),
  );
  await expect(credentials.find("r:5000")).rejects.toMatchObject({ code: "SOURCE_DENIED" });
  fails = false;
  expect(await credentials.find("r:5000")).toMatchObject({ username: "me" });
});

test("rereads the file each time", async () => {
  const { credentials } = open(() => ({}));
  for (const user of ["one", "two"]) {
    await writeDockerConfig(directory.path, { auths: { "r:5000": { auth: basic(user, "pass") } } });
    expect(await credentials.find("r:5000")).toMatchObject({ username: user });
  }
});

test("sends a helper one request at a time; callers with the same request share its result", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault", credHelpers: { "t:5000": "other" } });
  const doors = new Map<string, ReturnType<typeof gate>>();
  const { credentials, runs } = open(async ({ options }) => {
    const door = gate();
    doors.set(options.input ?? "", door);
    await door.opened;
    return helperSays("me", `of ${options.input ?? ""}`);
  });
  const lookups = ["r:5000", "r:5000", "s:5000", "t:5000"].map((registry) => credentials.find(registry));
  while (runs.length < 2) await turns();
  await turns();
  // Another helper runs concurrently.
  expect(runs.map(({ options }) => options.input).sort()).toEqual(["r:5000", "t:5000"]);
  doors.get("t:5000")?.open();
  doors.get("r:5000")?.open();
  while (!doors.has("s:5000")) await turns();
  doors.get("s:5000")?.open();
  expect((await Promise.all(lookups)).map((one) => one && "password" in one && one.password)).toEqual([
    "of r:5000",
    "of r:5000",
    "of s:5000",
    "of t:5000",
  ]);
  expect(runs).toHaveLength(3);
});

test("concurrent refusals cause one lookup", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault" });
  const { credentials, runs, pass } = open(() => helperSays("me", `secret-${String(runs.length)}`));
  await credentials.find("r:5000");
  pass(1000);
  const again = await Promise.all(
    Array.from({ length: 20 }, () => credentials.find("r:5000", { fresh: true })),
  );
  expect(again.map((one) => one && "password" in one && one.password)).toEqual(Array(20).fill("secret-2"));
  expect(runs).toHaveLength(2);
});

test("a caller that aborts while it waits is released, and the others are served", async () => {
  await writeDockerConfig(directory.path, { credsStore: "vault" });
  const door = gate();
  const { credentials } = open(async () => {
    await door.opened;
    return helperSays("me", "secret");
  });
  const first = credentials.find("r:5000");
  await turns();
  const caller = new AbortController();
  const left = credentials.find("s:5000", { signal: caller.signal });
  await turns();
  caller.abort();
  await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
  door.open();
  expect(await first).toMatchObject({ username: "me" });
  expect(await credentials.find("s:5000")).toMatchObject({ username: "me" });
});

test("logs which entry was used, and masks its secrets", async () => {
  const path = await writeDockerConfig(directory.path, {
    auths: { "r:5000": { auth: basic("me", "short") }, "s:5000": { identitytoken: "identity-token-of-s" } },
    credHelpers: { "t:5000": "vault" },
  });
  const { credentials, logged, mask } = open(() => helperSays("me", "a-secret-of-t"));
  for (const registry of ["r:5000", "s:5000", "t:5000", "u:5000"]) await credentials.find(registry);
  const message = "credentials for a registry";
  expect(logged).toEqual([
    { message, registry: "r:5000", from: `auths["r:5000"] of ${path}` },
    { message, registry: "s:5000", from: `auths["s:5000"] of ${path}` },
    { message, registry: "t:5000", from: `credHelpers["t:5000"] of ${path}` },
    { message, registry: "u:5000", from: "nowhere" },
  ]);
  expect(
    mask.text(`${basic("me", "short")} identity-token-of-s ${basic("me", "a-secret-of-t")}`),
  ).not.toMatch(/bWU6|identity-token|a-secret/);
  expect(mask.text("short")).toBe("***");
});
