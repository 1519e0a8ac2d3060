import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, expect, test } from "@jest/globals";
import type { ContextListing, ContextListingEntry } from "@molecule/core";
import { extract } from "tar-stream";
import { contextFiles, type FetchedContext } from "./context-files.js";
import { useContextTree } from "./context-tree.test.support.js";
import { packContext, type PackContextRequest } from "./pack-context.js";

const context = useContextTree();
const { put, openBelow } = context;
let root: string;
let tree: string;
beforeEach(() => {
  ({ root, tree } = context);
});

const request = (changes: Partial<PackContextRequest> = {}): PackContextRequest => ({
  directory: tree,
  dockerfile: "Dockerfile",
  modifiedAt: new Date("2024-02-03T04:05:06Z"),
  signal: new AbortController().signal,
  ...changes,
});

type Seen = ContextListingEntry & { readonly content: string };

async function listed(listing: ContextListing): Promise<ContextListingEntry[]> {
  const entries: ContextListingEntry[] = [];
  for await (const entry of listing.entries()) entries.push(entry);
  return entries;
}

async function contentOf(listing: ContextListing, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of listing.content(path)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

async function fetched({ files }: FetchedContext, only?: readonly string[]): Promise<Seen[]> {
  const listing = files.list(only);
  const entries = await listed(listing);
  const seen: Seen[] = [];
  // Out of order, because the engine requests files in any order.
  for (const entry of entries.toReversed())
    seen.unshift({ ...entry, content: entry.kind === "file" ? await contentOf(listing, entry.path) : "" });
  listing.close(true);
  return seen;
}

async function packed(): Promise<Seen[]> {
  const seen: Seen[] = [];
  const archive = extract();
  archive.end(await buffer(packContext(request())));
  for await (const entry of archive) {
    const { name, type, mode, size, linkname } = entry.header;
    const kind = type === "symlink" ? "link" : (type as "file" | "directory");
    const content = (await buffer(entry)).toString("latin1");
    seen.push({
      kind,
      path: name.replace(/\/$/, ""),
      mode,
      size,
      target: kind === "link" ? linkname : "",
      content,
    });
  }
  return seen;
}

const state = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise.then(() => "resolved"), Promise.resolve().then(() => undefined)]).catch(
    (error: unknown) => error,
  );

test("lists the same files as the archive, with the same content, modes and links, and closes them all", async () => {
  await put({
    "a/b/c.txt": "deep",
    "a-b": "x",
    "a.b": "y",
    "ä/é": "not ASCII",
    empty: "",
    large: "0123456789abcdef".repeat(40_000),
    exactly: "x".repeat(128 * 1024),
    ".git/config": "secret",
    "ignored/deep/kept": "kept",
    "ignored/gone": "gone",
    ".dockerignore": "ignored\n!ignored/deep/kept\n",
  });
  await chmod(join(tree, "a-b"), 0o4710);
  await symlink("../../outside", join(tree, "a/link"));
  let bytes = 0;
  const offered = contextFiles(request({ onAmount: (read) => (bytes = read) }));

  const seen = await fetched(offered);

  expect(seen).toEqual(await packed());
  expect(bytes).toBe(seen.reduce((sum, { size }) => sum + size, 0));
  await offered.fetched;
  expect(await openBelow()).toEqual([]);
});

test("can leave out the Dockerfile and the ignore file, which remain available by name", async () => {
  await put({
    ".dockerignore": "*\n!kept\n",
    kept: "kept",
    "docker/Dockerfile": "FROM scratch\n# in a folder\n",
  });
  const offered = contextFiles(request({ dockerfile: "docker/Dockerfile" }));

  expect(
    (await fetched(offered, ["docker/Dockerfile", "docker/Dockerfile.dockerignore"])).map(({ path }) => path),
  ).toEqual(["docker", "docker/Dockerfile"]);
  expect(await fetched(offered, [".dockerignore"])).toMatchObject([{ content: "*\n!kept\n" }]);
  expect(await state(offered.fetched)).toBeUndefined();
  expect((await fetched(offered)).map(({ path }) => path)).toEqual(["kept"]);
  expect(await state(offered.fetched)).toBe("resolved");
});

test.each<[string, () => Promise<void>]>([
  ["grows", () => appendFile(join(tree, "d/file"), "more")],
  ["shrinks", () => writeFile(join(tree, "d/file"), "")],
  ["may be run", () => chmod(join(tree, "d/file"), 0o755)],
  ["goes", () => rm(join(tree, "d/file"))],
  ["becomes a link", () => swapped("d/file", "outside/file")],
  ["is reached by a link", () => swapped("d", "outside")],
])("never reads the new state of a file that %s after it was listed", async (_what, change) => {
  await put({ "d/file": "inside" });
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside/file"), "SECRET");
  const offered = contextFiles(request());
  const listing = offered.files.list();
  expect((await listed(listing)).map(({ path }) => path)).toContain("d/file");
  await change();

  const failure = { code: "CHECKOUT_FAILED", message: expect.stringContaining("d") as unknown };
  await expect(contentOf(listing, "d/file")).rejects.toMatchObject(failure);
  listing.close(false);
  await expect(offered.fetched).rejects.toMatchObject(failure);
  expect(await openBelow()).toEqual([]);
});

async function swapped(path: string, target: string): Promise<void> {
  await rename(join(tree, path), join(root, "aside"));
  await symlink(join(root, target), join(tree, path));
}

test("reports a template that cannot be packed", async () => {
  execFileSync("mkfifo", [join(tree, "pipe")]);
  const offered = contextFiles(request());
  const failure = { code: "TEMPLATE_INVALID", message: expect.stringContaining("pipe") as unknown };
  await expect(listed(offered.files.list())).rejects.toMatchObject(failure);
  await expect(offered.fetched).rejects.toMatchObject(failure);
  expect(await openBelow()).toEqual([]);
});

test("an abort ends listing and reading, with its reason", async () => {
  await put({ large: "x".repeat(500_000) });
  const caller = new AbortController();
  const offered = contextFiles(request({ signal: caller.signal }));
  const listing = offered.files.list();
  await listed(listing);
  const reason = new Error("left");
  await expect(
    (async () => {
      for await (const chunk of listing.content("large")) if (chunk.length > 0) caller.abort(reason);
    })(),
  ).rejects.toBe(reason);
  await expect(listed(listing)).rejects.toBe(reason);
  await expect(offered.fetched).rejects.toBe(reason);
  listing.close(false);
  expect(await openBelow()).toEqual([]);
});

test("leaves nothing open if a read is abandoned", async () => {
  await put({ "a/b/c": "1", "a/b/d": "2" });
  const listing = contextFiles(request()).files.list();
  for await (const { path } of listing.entries()) if (path === "a/b/c") break;
  listing.close(false);
  expect(await openBelow()).toEqual([]);
});

test("a close during a read keeps that file open, and allows no other read", async () => {
  await put({ "a/b/large": "x".repeat(500_000), "a/other": "y" });
  const listing = contextFiles(request()).files.list();
  await listed(listing);
  let bytes = 0;
  for await (const chunk of listing.content("a/b/large")) {
    bytes += chunk.length;
    listing.close(false);
  }
  expect(bytes).toBe(500_000);
  await expect(contentOf(listing, "a/other")).rejects.toThrow("closed");
  expect(await openBelow()).toEqual([]);
});
