import { spawnSync } from "node:child_process";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  defaultPlatform,
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
  const git = join(place.path, "cache", "hermes", commit.slice(0, 12), ".git");
  await mkdir(git, { recursive: true });
  await writeFile(join(git, "HEAD"), `${commit}\n`);
});
afterEach(() => place.remove());

function storageOf(native: Platform = defaultPlatform, platform?: Platform): Prunable {
  const builder = {
    ...stubBuilder,
    images: () => Promise.resolve([]),
    nativePlatform: () => Promise.resolve(native),
  };
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
