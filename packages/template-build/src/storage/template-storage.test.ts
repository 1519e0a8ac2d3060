import { spawnSync } from "node:child_process";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  ImageSourceError,
  parsePlatform,
  silentLog,
  silentProgress,
  type Call,
  type Platform,
  type Prunable,
  type Store,
  type StoredItem,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { openObjectStore, repositoryName } from "../checkout/object-store.js";
import type { ImageBuilder } from "../image/image-builder.js";
import { stubBuilder } from "../image/stub-builder.test.support.js";
import { treeContext } from "../transfer/tree-context.test.support.js";
import { withTransfer } from "../transfer/with-transfer.js";
import { templateStorage } from "./template-storage.js";

const commit = "0123456789ab".padEnd(40, "c");
const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

let place: TemporaryDirectory;
beforeEach(async () => {
  place = await temporaryDirectory();
  await addCheckout("hermes");
});
afterEach(() => place.remove());

async function addCheckout(runtime: string): Promise<void> {
  const git = join(place.path, "cache", runtime, commit.slice(0, 12), ".git");
  await mkdir(git, { recursive: true });
  await writeFile(join(git, "HEAD"), `${commit}\n`);
}

function storageOf(native: Platform = defaultPlatform, platform?: Platform): Prunable {
  return storageWith(() => Promise.resolve(native), platform);
}

function storageWith(nativePlatform: ImageBuilder["nativePlatform"], platform?: Platform): Prunable {
  const builder = { ...stubBuilder, images: () => Promise.resolve([]), nativePlatform };
  return templateStorage(
    builder,
    { of: () => Promise.resolve(new Map()), forget: () => Promise.resolve() },
    {
      store: createStore({ directory: join(place.path, "cache"), env: {} }),
      env: { MOLECULE_LOCAL_IMAGE_ISOLATION: "mine" },
      registry: { mode: "local", prefix: "molecule-local" },
      platform,
    },
  );
}

/** Returns the tags whose locks protect the checkout. */
async function lockedFor(native: Platform, platform: Platform | undefined): Promise<readonly string[]> {
  const storage = storageOf(native, platform);
  const [checkout] = await storage.stored(call);
  expect(checkout).toMatchObject({ kind: "checkout", runtime: "hermes", revision: commit });
  return suffixesOf(checkout);
}

function suffixesOf(checkout: StoredItem | undefined): readonly string[] {
  return (checkout?.references ?? []).map((name) => name.replace(/^.*:0123456789ab/, ""));
}

const url = "http://forge.example/a/hermes.git";

/** Records that a builder has received a file. */
async function recordTransfer(store: Store): Promise<void> {
  const parts = { store, log: silentLog, directory: repositoryName("hermes", url), fresh: false };
  const from = { dockerfile: "FROM scratch", modifiedAt: new Date(0) };
  await withTransfer(parts, treeContext({ a: "content" }, from), async (context) => {
    await context.transferKey?.();
    for await (const { path } of context.entries()) expect(path).not.toBe("");
  });
}

test("a repository can be removed with its records, except while a process uses it", async () => {
  const store = createStore({ directory: join(place.path, "cache"), env: {} });
  const opened = await openObjectStore({ store, runtime: "hermes", url, format: "sha1", log: silentLog });
  await writeFile(join(opened?.path ?? "", "HEAD"), "ref: refs/heads/main\n");
  const storage = storageOf();
  const find = async (): Promise<StoredItem | undefined> =>
    (await storage.stored(call)).find(({ kind }) => kind === "repository");

  expect(await find()).toMatchObject({ bytes: 21 });
  await recordTransfer(store);
  const used = await find();
  expect(used).toMatchObject({
    runtime: "hermes",
    path: dirname(opened?.path ?? ""),
    held: "a process is using it",
  });
  expect(used?.bytes).toBeGreaterThan(100);
  expect(await storage.discard(used as StoredItem, call)).toBe("a process is using it");

  await opened?.close();
  const idle = await find();
  expect(idle).toMatchObject({ held: null });
  expect(await storage.discard(idle as StoredItem, call)).toBeUndefined();
  expect(await find()).toBeUndefined();
  expect(await readdir(join(place.path, "cache", ".repositories", "hermes"))).toEqual([]);
});

test("a repository without fetched objects can be removed", async () => {
  await recordTransfer(createStore({ directory: join(place.path, "cache"), env: {} }));
  const storage = storageOf();
  const item = (await storage.stored(call)).find(({ kind }) => kind === "repository");
  expect(item).toMatchObject({ runtime: "hermes", held: null });
  expect(await storage.discard(item as StoredItem, call)).toBeUndefined();
  expect((await storage.stored(call)).map(({ kind }) => kind)).toEqual(["checkout"]);
});

test("what an interrupted removal of a damaged object store has left can be removed", async () => {
  const store = createStore({ directory: join(place.path, "cache"), env: {} });
  const gone = spawnSync("true").pid;
  const left = await store.workDirectory(join(repositoryName("hermes", url), "objects.git"));
  const path = left.path.replace(/git\.\d+-/, `git.${String(gone)}-`);
  await rename(left.path, path);
  const storage = storageOf();
  const item = (await storage.stored(call)).find(({ kind }) => kind === "work");
  expect(item).toMatchObject({ runtime: "hermes", path, held: null });
  expect(await storage.discard(item as StoredItem, call)).toBeUndefined();
  expect((await storage.stored(call)).map(({ kind }) => kind)).toEqual(["checkout", "repository"]);
});

test.each([
  ["linux/amd64", undefined, ["--mine"]],
  ["linux/arm64", undefined, ["--mine", "-arm64--mine"]],
  ["linux/amd64", "linux/arm/v7", ["--mine", "-arm-v7--mine"]],
  ["linux/arm64", "linux/arm/v7", ["--mine", "-arm-v7--mine", "-arm64--mine"]],
])(
  "a checkout is not removed while it is built on %s, configured for %s",
  async (native, configured, suffixes) => {
    const platform = configured === undefined ? undefined : parsePlatform(configured);
    expect([...(await lockedFor(parsePlatform(native), platform))].sort()).toEqual(suffixes.sort());
  },
);

test.each(["ENGINE_UNAVAILABLE", "TOOL_MISSING"] as const)(
  "the platform of other runtimes counts if the builder of one is %s",
  async (code) => {
    await Promise.all(["alpha", "zeta"].map(addCheckout));
    const storage = storageWith((runtime) =>
      runtime === "alpha"
        ? Promise.reject(
            new ImageSourceError({ code, message: "kubectl is not in PATH", hint: "Install it." }),
          )
        : Promise.resolve(parsePlatform("linux/arm64")),
    );
    const found = await storage.stored(call);
    expect(Object.fromEntries(found.map((item) => [item.runtime, suffixesOf(item)]))).toEqual({
      alpha: ["--mine"],
      hermes: ["--mine", "-arm64--mine"],
      zeta: ["--mine", "-arm64--mine"],
    });
  },
);

test("the builders of all runtimes are looked up at the same time, once for each runtime", async () => {
  await Promise.all(["alpha", "zeta"].map(addCheckout));
  const other = join(place.path, "cache", "zeta", "f".repeat(12), ".git");
  await mkdir(other, { recursive: true });
  await writeFile(join(other, "HEAD"), `${"f".repeat(40)}\n`);
  const asked: string[] = [];
  let isEveryRuntimeAsked = (): void => undefined;
  const everyRuntime = new Promise<void>((resolve) => (isEveryRuntimeAsked = resolve));
  const storage = storageWith(async (runtime) => {
    asked.push(runtime);
    if (asked.length === 3) isEveryRuntimeAsked();
    await everyRuntime;
    return defaultPlatform;
  });
  expect(await storage.stored(call)).toHaveLength(4);
  expect(asked.sort()).toEqual(["alpha", "hermes", "zeta"]);
});

test("the items are not listed if a lookup fails for another reason", async () => {
  const failure = new Error("a defect");
  await expect(storageWith(() => Promise.reject(failure)).stored(call)).rejects.toBe(failure);
});
