import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ImageSourceError, silentLog, type BuildContext, type ContextEntry } from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { createTestStore } from "@molecule/testkit";
import { treeContext, type Tree } from "./tree-context.test.support.js";
import { withTransfer, type TransferParts } from "./with-transfer.js";

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

const commit = (tree: Tree, time = "2026-11-25T10:00:00Z"): BuildContext =>
  treeContext(tree, { dockerfile: "FROM scratch", modifiedAt: new Date(time) });

interface Offered {
  readonly key: string | undefined;
  readonly entries: Readonly<Record<string, ContextEntry>>;
}

/** Builds the context, and returns what the builder was offered. */
async function build(
  context: BuildContext,
  more: Partial<TransferParts> = {},
  end: () => Promise<void> = () => Promise.resolve(),
): Promise<Offered> {
  const store = createTestStore(directory.path);
  return withTransfer(
    { store, log: silentLog, directory: ".repositories/hermes/a", fresh: false, ...more },
    context,
    async (kept) => {
      const key = await kept.transferKey?.();
      const entries: Record<string, ContextEntry> = {};
      for await (const entry of kept.entries()) entries[entry.path] = entry;
      await end();
      return { key, entries };
    },
  );
}

const timeOf = ({ entries }: Offered, path: string): unknown => entries[path]?.modifiedAt;

test("unchanged files and links keep their time, and all others get one that was never used", async () => {
  const first = await build(commit({ a: "a1", b: "b1", l: { link: "a" }, m: { link: "a" } }));
  const second = await build(commit({ a: "a2", b: "b1", l: { link: "a" }, m: { link: "b" } }));
  expect(second.key).toBe(first.key);
  for (const path of ["t/b", "t/l"]) expect(timeOf(second, path)).toEqual(timeOf(first, path));
  for (const path of ["t/a", "t/m"]) expect(timeOf(second, path)).not.toEqual(timeOf(first, path));
  // The first content again: BuildKit holds the second.
  const third = await build(commit({ a: "a1", b: "b1" }));
  expect([timeOf(first, "t/a"), timeOf(second, "t/a")]).not.toContainEqual(timeOf(third, "t/a"));
});

test("a changed file has the time of its commit", async () => {
  await build(commit({ a: "a1", b: "b1" }));
  const later = await build(commit({ a: "a2", b: "b1" }, "2026-11-26T10:00:00Z"));
  const seconds = Date.parse("2026-11-25T10:00:00Z") / 1000;
  expect(timeOf(later, "t/a")).toMatchObject({ seconds: seconds + 86_400 });
  expect(timeOf(later, "t/b")).toMatchObject({ seconds });
});

test("a file whose content is not identified is never taken as unchanged", async () => {
  const context = commit({ a: "a1" });
  const unidentified: BuildContext = {
    ...context,
    async *entries() {
      for await (const { kind, path, mode, size, target } of context.entries())
        yield { kind, path, mode, size, target };
    },
  };
  const first = await build(unidentified);
  expect(timeOf(await build(unidentified), "t/a")).not.toEqual(timeOf(first, "t/a"));
});

const failWith = (code: "BUILD_FAILED" | "ENGINE_UNAVAILABLE") => () =>
  Promise.reject(new ImageSourceError({ code, message: "it failed", hint: "Retry." }));

test("a build keeps its key after a step failed, and not after the engine was lost", async () => {
  const { key } = await build(commit({ a: "a1" }));
  await expect(build(commit({ a: "a2" }), {}, failWith("BUILD_FAILED"))).rejects.toThrow("it failed");
  expect((await build(commit({ a: "a2" }))).key).toBe(key);
  await expect(build(commit({ a: "a3" }), {}, failWith("ENGINE_UNAVAILABLE"))).rejects.toThrow("it failed");
  expect((await build(commit({ a: "a3" }))).key).not.toBe(key);
});

test("a builder that requests no context keeps what it has", async () => {
  const { key } = await build(commit({ a: "a1" }));
  const store = createTestStore(directory.path);
  const parts = { store, log: silentLog, directory: ".repositories/hermes/a", fresh: false };
  await withTransfer(parts, commit({ a: "a2" }), () => Promise.resolve());
  await expect(withTransfer(parts, commit({ a: "a2" }), failWith("ENGINE_UNAVAILABLE"))).rejects.toThrow(
    "it failed",
  );
  expect((await build(commit({ a: "a3" }))).key).toBe(key);
});

test.each<[string, Partial<TransferParts>]>([
  ["of another template", { directory: ".repositories/hermes/b" }],
  ["without cache", { fresh: true }],
])("a build %s has a key of its own", async (_which, parts) => {
  const { key } = await build(commit({ a: "a1" }));
  expect((await build(commit({ a: "a1" }), parts)).key).not.toBe(key);
});

test("a second build at the same time has a key of its own", async () => {
  await build(commit({ a: "a1" }));
  let other: Offered | undefined;
  const one = await build(commit({ a: "a1" }), {}, async () => {
    other = await build(commit({ a: "a1" }));
  });
  expect(other?.key).not.toBe(one.key);
});

test("a builder that does not ask for the key gets the time of the commit, and leaves no record", async () => {
  const store = createTestStore(directory.path);
  const parts = { store, log: silentLog, directory: ".repositories/hermes/a", fresh: false };
  await withTransfer(parts, commit({ a: "a1" }), async (context) => {
    for await (const { modifiedAt } of context.entries()) expect(modifiedAt).toBeUndefined();
  });
  expect(await readdir(directory.path)).toEqual([]);
});

test("a working copy is sent as it is", async () => {
  const { key, entries } = await build(commit({ a: "a1" }), { directory: undefined });
  expect(key).toBeUndefined();
  expect(entries["t/a"]?.modifiedAt).toBeUndefined();
});

test.each([
  "",
  "null",
  "[]",
  '{"key":1,"sent":[]}',
  '{"key":"k","sent":[{"files":[]}]}',
  '{"key":"k","sent":{}}',
])("a damaged record is replaced: %s", async (content) => {
  const { key } = await build(commit({ a: "a1" }));
  const folder = join(directory.path, ".repositories/hermes/a");
  const [name = ""] = await readdir(folder);
  await writeFile(join(folder, name), content);
  const next = await build(commit({ a: "a1" }));
  expect([undefined, key, "k"]).not.toContain(next.key);
  expect(await readFile(join(folder, name), "utf8")).toContain(next.key);
});

test("a store that cannot be written does not fail the build", async () => {
  const { key } = await build(commit({ a: "a1" }));
  const store = createTestStore(directory.path);
  const readOnly = {
    records: (name: string) => ({
      ...store.records(name),
      write: () => Promise.reject(new Error("read-only")),
      remove: () => Promise.reject(new Error("read-only")),
    }),
  };
  expect((await build(commit({ a: "a2" }), { store: readOnly })).key).not.toBe(key);
});
