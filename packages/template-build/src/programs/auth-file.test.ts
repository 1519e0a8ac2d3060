import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ImageSourceError, silentLog, type RegistryCredential } from "@molecule/core";
import { createStore, ownProcess } from "@molecule/node-edges";
import { authFile, type AuthFile } from "./auth-file.js";

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "auth-"));
});
afterEach(() => rm(cacheDir, { recursive: true }));

const call = { signal: new AbortController().signal, log: silentLog };
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const denied = new ImageSourceError({ code: "SOURCE_DENIED", message: "denied", hint: "log in" });

function opened(find: (registry: string, fresh: boolean) => RegistryCredential | undefined): AuthFile {
  const credentials = {
    find: (registry: string, { fresh = false } = {}) => Promise.resolve(find(registry, fresh)),
  };
  return authFile(
    { credentials, store: createStore({ directory: cacheDir, env: {} }) },
    { name: "auth.json" },
  );
}
const contentOf = (directory = ""): Promise<string> => readFile(join(directory, "auth.json"), "utf8");

test("an identity token is written as such", async () => {
  const auth = opened(() => ({ from: "a test", identityToken: "the token" }));
  const written = await auth.withCredentials(["docker.io"], call, contentOf);
  expect(JSON.parse(written)).toEqual({
    auths: { "docker.io": { auth: base64("<token>:"), identitytoken: "the token" } },
  });
});

test("the key of an entry is the format's", async () => {
  const credentials = { find: () => Promise.resolve({ from: "a test", username: "me", password: "x" }) };
  const store = createStore({ directory: cacheDir, env: {} });
  const keyOf = (registry: string): string => `https://${registry}/v1/`;
  const auth = authFile({ credentials, store }, { name: "auth.json", keyOf });
  const written = await auth.withCredentials(["h"], call, contentOf);
  expect(JSON.parse(written)).toEqual({ auths: { "https://h/v1/": { auth: base64("me:x") } } });
});

test("the file and its directory can be read by this user only", async () => {
  const auth = opened(() => ({ from: "a test", identityToken: "the token" }));
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
  await auth.withCredentials(["docker.io"], call, async (directory = "") => {
    expect([await modeOf(join(directory, "auth.json")), await modeOf(directory)]).toEqual([0o600, 0o700]);
  });
});

test("refused credentials are looked up again, and the work is retried if they changed", async () => {
  const auth = opened((_registry, fresh) => ({
    from: "a test",
    username: "me",
    password: fresh ? "new" : "old",
  }));
  const seen: string[] = [];
  const work = async (directory: string | undefined): Promise<never> => {
    seen.push(await contentOf(directory));
    throw denied;
  };
  await expect(auth.withCredentials(["h:5000"], call, work)).rejects.toBe(denied);
  expect(seen.map((text) => JSON.parse(text) as unknown)).toEqual(
    ["old", "new"].map((password) => ({ auths: { "h:5000": { auth: base64(`me:${password}`) } } })),
  );
  const unchanged = opened(() => ({ from: "a test", username: "me", password: "old" }));
  seen.length = 0;
  await expect(unchanged.withCredentials(["h:5000"], call, work)).rejects.toBe(denied);
  expect(seen).toHaveLength(1);
  expect(await readdir(join(cacheDir, ".auth"))).toEqual([]);
});

test("what a killed process has left is removed, what another one uses is not", async () => {
  const own = await ownProcess();
  const gone = own.replace(/[0-9a-f]{8}$/, "00000000");
  for (const name of [`.file.${own}.ab.partial`, `.file.${gone}.ab.partial`, "something-else"])
    await mkdir(join(cacheDir, ".auth", name), { recursive: true });
  await opened(() => ({ from: "a test", username: "me", password: "x" })).withCredentials(
    ["h"],
    call,
    contentOf,
  );
  expect(await readdir(join(cacheDir, ".auth"))).toEqual([`.file.${own}.ab.partial`, "something-else"]);
});

test("a file that cannot be removed replaces neither the result nor the error of the program", async () => {
  const store = createStore({ directory: cacheDir, env: {} });
  const stuck = {
    ...store,
    workDirectory: async (name: string) => ({
      ...(await store.workDirectory(name)),
      remove: () => Promise.reject(new Error("EBUSY")),
    }),
  };
  const credentials = { find: () => Promise.resolve({ from: "a test", identityToken: "the token" }) };
  const auth = authFile({ credentials, store: stuck }, { name: "auth.json" });
  expect(await auth.withCredentials(["h"], call, () => Promise.resolve("built"))).toBe("built");
  await expect(auth.withCredentials(["h"], call, () => Promise.reject(denied))).rejects.toBe(denied);
});
