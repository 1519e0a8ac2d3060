import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, expect, test } from "@jest/globals";
import type { ContextEntry } from "@molecule/core";
import { extract } from "tar-stream";
import { diskTree } from "./disk-tree.js";
import { useContextTree } from "./context-tree.test.support.js";
import { packContext } from "./pack-context.js";
import { templateContext, type TemplateContext, type TemplateContextRequest } from "./template-context.js";

const context = useContextTree();
const { put, openBelow } = context;
let root: string;
let tree: string;
beforeEach(() => {
  ({ root, tree } = context);
});

const request = (changes: Partial<TemplateContextRequest> = {}): TemplateContextRequest => ({
  tree: diskTree(tree),
  dockerfile: "Dockerfile",
  modifiedAt: new Date("2024-02-03T04:05:06Z"),
  signal: new AbortController().signal,
  ...changes,
});

type Seen = ContextEntry & { readonly content: string };

async function listed(offered: TemplateContext): Promise<ContextEntry[]> {
  const entries: ContextEntry[] = [];
  for await (const entry of offered.entries()) entries.push(entry);
  return entries;
}

async function contentOf(offered: TemplateContext, file: ContextEntry): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of offered.open(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

async function fetched(offered: TemplateContext): Promise<Seen[]> {
  const seen: Seen[] = [];
  // Out of order, because the engine requests files in any order.
  for (const entry of (await listed(offered)).toReversed())
    seen.unshift({ ...entry, content: entry.kind === "file" ? await contentOf(offered, entry) : "" });
  return seen;
}

/** Returns the listed file of that path. */
function fileOf(entries: readonly ContextEntry[], path: string): ContextEntry {
  const file = entries.find((entry) => entry.path === path);
  if (file === undefined) throw new Error(`${path} is not listed`);
  return file;
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
  let isRead = false;
  const onRead = (): void => {
    isRead = true;
  };
  const offered = templateContext(request({ onAmount: (read) => (bytes = read), onRead }));

  const seen = await fetched(offered);

  expect(seen).toEqual(await packed());
  expect(bytes).toBe(seen.reduce((sum, { size }) => sum + size, 0));
  expect(isRead).toBe(true);
  offered.close();
  expect(await openBelow()).toEqual([]);
});

test("can leave out the Dockerfile, which can still be read, and the ignore file", async () => {
  await put({
    ".dockerignore": "*\n!kept\n",
    kept: "kept",
    "docker/Dockerfile": "FROM scratch\n# in a folder\n",
  });
  let isRead = false;
  const onRead = (): void => {
    isRead = true;
  };
  const offered = templateContext(request({ dockerfile: "docker/Dockerfile", onRead }));

  expect(Buffer.from(await offered.readDockerfile()).toString()).toBe("FROM scratch\n# in a folder\n");
  expect(isRead).toBe(false);
  expect((await fetched(offered)).map(({ path }) => path)).toEqual(["kept"]);
  expect(isRead).toBe(true);
  offered.close();
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
  const failures: unknown[] = [];
  const offered = templateContext(request({ onFailure: (error) => failures.push(error) }));
  const file = fileOf(await listed(offered), "d/file");
  await change();

  const failure = { code: "CHECKOUT_FAILED", message: expect.stringContaining("d") as unknown };
  await expect(contentOf(offered, file)).rejects.toMatchObject(failure);
  offered.close();
  expect(failures).toMatchObject([failure]);
  expect(await openBelow()).toEqual([]);
});

async function swapped(path: string, target: string): Promise<void> {
  await rename(join(tree, path), join(root, "aside"));
  await symlink(join(root, target), join(tree, path));
}

test("reports a template that cannot be packed", async () => {
  execFileSync("mkfifo", [join(tree, "pipe")]);
  const failures: unknown[] = [];
  const offered = templateContext(request({ onFailure: (error) => failures.push(error) }));
  const failure = { code: "TEMPLATE_INVALID", message: expect.stringContaining("pipe") as unknown };
  await expect(listed(offered)).rejects.toMatchObject(failure);
  expect(failures).toMatchObject([failure]);
  expect(await openBelow()).toEqual([]);
});

test("an abort ends listing and reading, with its reason", async () => {
  await put({ large: "x".repeat(500_000) });
  const caller = new AbortController();
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => void failures.push(error);
  const offered = templateContext(request({ signal: caller.signal, onFailure }));
  const large = fileOf(await listed(offered), "large");
  const reason = new Error("left");
  await expect(
    (async () => {
      for await (const chunk of offered.open(large)) if (chunk.length > 0) caller.abort(reason);
    })(),
  ).rejects.toBe(reason);
  await expect(listed(offered)).rejects.toBe(reason);
  expect(failures).toEqual([reason, reason]);
  offered.close();
  expect(await openBelow()).toEqual([]);
});

test("leaves nothing open if a read is abandoned", async () => {
  await put({ "a/b/c": "1", "a/b/d": "2" });
  const offered = templateContext(request());
  for await (const entry of offered.entries()) {
    if (entry.path !== "a/b/c") continue;
    for await (const chunk of offered.open(entry)) if (chunk.length > 0) break;
    break;
  }
  offered.close();
  expect(await openBelow()).toEqual([]);
});

test("a close during a read keeps that file open, and allows no other read", async () => {
  await put({ "a/b/large": "x".repeat(500_000), "a/other": "y" });
  const offered = templateContext(request());
  const entries = await listed(offered);
  let bytes = 0;
  for await (const chunk of offered.open(fileOf(entries, "a/b/large"))) {
    bytes += chunk.length;
    offered.close();
  }
  expect(bytes).toBe(500_000);
  await expect(contentOf(offered, fileOf(entries, "a/other"))).rejects.toThrow("closed");
  expect(await openBelow()).toEqual([]);
});

test("two builds can read at the same time", async () => {
  await put({ "a/one": "x".repeat(500_000), "b/two": "y".repeat(500_000) });
  const offered = templateContext(request());
  const entries = await listed(offered);
  const [one, two] = await Promise.all(
    ["a/one", "b/two"].map((path) => contentOf(offered, fileOf(entries, path))),
  );
  expect([one?.length, two?.length]).toEqual([500_000, 500_000]);
  offered.close();
  expect(await openBelow()).toEqual([]);
});
