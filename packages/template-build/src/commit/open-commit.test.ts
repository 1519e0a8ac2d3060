import { once } from "node:events";
import { unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { FileTree } from "../context/file-tree.js";
import { packContext } from "../context/pack-context.js";
import { readSmallFile } from "../context/read-small-file.js";
import { templateContext } from "../context/template-context.js";
import { useCommitRepository, type FetchedTemplate, type Planned } from "./commit-repository.test.support.js";
import { openCommit, type OpenCommit } from "./open-commit.js";

const repository = useCommitRepository();
const { signal } = new AbortController();
const large = Buffer.alloc(
  20 * 1024 * 1024,
  Array.from({ length: 1021 }, (_, index) => index % 256) as never,
);

function treeOf({ tree }: OpenCommit): FileTree {
  if (tree === undefined) throw new Error("the checkout was converted");
  return tree;
}

const pack = (commit: OpenCommit, own = signal): ReturnType<typeof packContext> =>
  packContext({ tree: treeOf(commit), dockerfile: "Dockerfile", modifiedAt: new Date(0), signal: own });

/** Returns how many of the started gits still run. */
async function stillRunning({ started }: Pick<FetchedTemplate, "started">): Promise<number> {
  const running = Symbol("running");
  const states = await Promise.all(
    started.map(({ ended }) => Promise.race([ended.catch(() => undefined), sleep(50, running)])),
  );
  return states.filter((state) => state === running).length;
}

test.each<[string, Planned, boolean]>([
  ["eol=crlf", "*.txt text eol=crlf\n", true],
  ["ident", "* ident\n", true],
  ["working-tree-encoding", "* text working-tree-encoding=UTF-16\n", true],
  ["ident in a macro", "[attr]keyword ident\n* keyword\n", true],
  ["eol=crlf in a link, which git reads as attributes", { link: "* eol=crlf" }, true],
  ["anything, because it is too long", "# text\n".repeat(150_000), true],
  ["filters and eol=lf only", "* text=auto eol=lf\n*.bin filter=lfs -text\n", false],
])("the checkout is built if .gitattributes mentions %s", async (_what, attributes, converts) => {
  const template = await repository.commit([
    ["Dockerfile", "FROM scratch\n"],
    ["d/.gitattributes", attributes],
  ]);
  const commit = await openCommit(template);
  expect(commit.tree === undefined).toBe(converts);
  await commit.close();
});

test.each<[string, (place: string, content: string) => Promise<void>]>([
  [
    "is another one",
    (place, content) => replace(place, `blob ${String(content.length)}\0${content.replace("x", "y")}`),
  ],
  ["has another size", (place) => replace(place, "blob 1\0x")],
  ["is not a blob", (place) => replace(place, "tree 0\0")],
  ["is not an object", (place) => replace(place, "?")],
  ["is missing", unlink],
])("rejects a content that %s since the commit was opened", async (_what, change) => {
  for (const length of [1000, 300_000]) {
    const content = `${String(length)}${"x".repeat(length)}`;
    const template = await repository.commit([
      ["Dockerfile", "FROM scratch\n"],
      ["file", content],
    ]);
    const commit = await openCommit(template);
    const id = repository.git(["rev-parse", `${template.commit}:file`]).trim();
    await change(join(repository.directory, "objects", id.slice(0, 2), id.slice(2)), content);
    await expect(buffer(pack(commit))).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    await commit.close();
    expect(await stillRunning(template)).toBe(0);
  }
});

async function replace(place: string, object: string | Buffer): Promise<void> {
  await unlink(place);
  await writeFile(place, deflateSync(object));
}

/** Replaces text of an object by other text of the same length. */
async function damage(type: string, id: string, text: string, other: string): Promise<void> {
  const content = repository.git(["cat-file", type, id]).replace(text, other);
  const object = Buffer.from(`${type} ${String(content.length)}\0${content}`, "latin1");
  await replace(join(repository.directory, "objects", id.slice(0, 2), id.slice(2)), object);
}

test.each([
  ["a directory", ":d", "100644", "100755"],
  ["a directory in a directory", ":d/e", "deep", "dark"],
])("notices that %s was changed in the repository", async (_what, place, text, other) => {
  const { commit: sha } = await repository.commit([
    ["file", "x"],
    ["d/f", "y"],
    ["d/e/deep", "z"],
  ]);
  await damage("tree", repository.git(["rev-parse", sha + place]).trim(), text, other);
  const template = await repository.open(sha);
  const commit = await openCommit(template);
  await expect(commit.verified).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
  await commit.close();
  expect(await stillRunning(template)).toBe(0);
});

test.each([
  ["it", "commit", "", "946684800", "946684801"],
  ["the root directory", "tree", "^{tree}", "file", "fine"],
])("rejects a commit if %s was changed in the repository", async (_what, type, place, text, other) => {
  const { commit: sha } = await repository.commit([["file", "x"]]);
  await damage(type, repository.git(["rev-parse", sha + place]).trim(), text, other);
  await expect(openCommit(await repository.open(sha))).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
});

test("has the committer's time, and is whole", async () => {
  const commit = await openCommit(await repository.commit([["d/file", "x"]]));
  expect(commit.committedAt).toEqual(new Date("2000-01-01T00:00:00Z"));
  await expect(commit.verified).resolves.toBeUndefined();
  await commit.close();
});

test("rejects a commit whose object is missing when it is opened", async () => {
  const template = await repository.commit([["file", "x"]]);
  const id = repository.git(["rev-parse", `${template.commit}:file`]).trim();
  await unlink(join(repository.directory, "objects", id.slice(0, 2), id.slice(2)));
  const opened = repository.open(template.commit).then(openCommit);
  await expect(opened).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    message: expect.stringContaining(id) as unknown,
  });
});

/** Writes a tree that git would not create. */
function treeWith(entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
  const bytes = entries.map(([mode, name, id]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]),
  );
  return repository
    .git(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], Buffer.concat(bytes))
    .trim();
}

const commitOf = (tree: string): string =>
  repository.git(["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "x", tree]).trim();

test.each<[string, (blob: string) => string, string]>([
  ["leaves the tree", (blob) => treeWith([["100644", "../../out", blob]]), '".."'],
  ["is the tree's parent", (blob) => treeWith([["100644", "..", blob]]), '".."'],
  [
    "is a directory's parent",
    (blob) => treeWith([["40000", "..", treeWith([["100644", "x", blob]])]]),
    '".."',
  ],
  ["is absolute", (blob) => treeWith([["100644", "/etc/x", blob]]), '""'],
  [
    "goes through a link",
    (blob) =>
      treeWith([
        ["120000", "a", blob],
        ["100644", "a/x", blob],
      ]),
    '"a"',
  ],
  [
    "is that of a directory and a link",
    (blob) =>
      treeWith([
        ["120000", "a", blob],
        ["40000", "a", treeWith([["100644", "x", blob]])],
      ]),
    '"a"',
  ],
  [
    "is there twice",
    (blob) =>
      treeWith([
        ["100644", "a", blob],
        ["100755", "a", blob],
      ]),
    '"a"',
  ],
  [
    "is in a submodule",
    (blob) =>
      treeWith([
        ["160000", "a", "2".repeat(40)],
        ["40000", "a", treeWith([["100644", "x", blob]])],
      ]),
    '"a"',
  ],
  ["has a slash", (blob) => treeWith([["100644", "a/b", blob]]), "slash"],
])("rejects a hostile tree with a name that %s", async (_what, treeFor, why) => {
  const blob = repository.git(["hash-object", "-w", "--stdin"], "x").trim();
  const opened = repository.open(commitOf(treeFor(blob))).then(openCommit);
  await expect(opened).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
  await expect(opened).rejects.toThrow(why);
});

test.each([
  ["empty", ""],
  ["too long", "x".repeat(4096)],
])("rejects a link with a target that is %s", async (_what, target) => {
  const blob = repository.git(["hash-object", "-w", "--stdin"], target).trim();
  const opened = repository.open(commitOf(treeWith([["120000", "a", blob]]))).then(openCommit);
  await expect(opened).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
});

test("has no directory without files", async () => {
  const blob = repository.git(["hash-object", "-w", "--stdin"], "FROM scratch\n").trim();
  const empty = treeWith([]);
  const tree = treeWith([
    ["100644", "Dockerfile", blob],
    ["40000", "d", treeWith([["40000", "e", empty]])],
  ]);
  const commit = await openCommit(await repository.open(commitOf(tree)));
  const context = templateContext({
    tree: treeOf(commit),
    dockerfile: "Dockerfile",
    modifiedAt: new Date(0),
    signal,
  });
  const paths: string[] = [];
  for await (const { path } of context.entries()) paths.push(path);
  expect(paths).toEqual(["Dockerfile"]);
  await commit.close();
});

test("reads a large file no faster than it is used, and ends its git when the reader leaves", async () => {
  const template = await repository.commit([["large", large]]);
  const commit = await openCommit(template);
  const context = templateContext({
    tree: treeOf(commit),
    dockerfile: "Dockerfile",
    modifiedAt: new Date(0),
    signal,
  });
  for await (const entry of context.entries()) {
    const before = process.memoryUsage().arrayBuffers;
    for await (const chunk of context.open(entry)) {
      expect(chunk.length).toBeGreaterThan(0);
      await sleep(300);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
      // The git of small files, and that of the large one.
      expect(await stillRunning(template)).toBe(2);
      break;
    }
  }
  for (let left = 100; left > 0 && (await stillRunning(template)) > 1; left -= 1);
  expect(await stillRunning(template)).toBe(1);
  context.close();
  await commit.close();
});

test("a reader that pauses in a large file stops no other", async () => {
  const commit = await openCommit(
    await repository.commit([
      ["Dockerfile", "FROM x\n"],
      ["large", large],
    ]),
  );
  const packing = pack(commit);
  packing.read(0);
  expect(await readSmallFile(treeOf(commit), "Dockerfile")).toBe("FROM x\n");
  const other = await buffer(pack(commit));
  expect((await buffer(packing)).equals(other)).toBe(true);
  await commit.close();
});

test("memory does not grow with the size of the content", async () => {
  const commit = await openCommit(
    await repository.commit([
      ["large", large],
      ...Array.from({ length: 400 }, (_, index): [string, Buffer] => [
        `s${String(index)}`,
        large.subarray(0, 100_000 + index),
      ]),
    ]),
  );
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const kept: number[] = [];
  let bytes = 0;
  for await (const chunk of pack(commit) as AsyncIterable<Buffer>) {
    const before = bytes;
    bytes += chunk.length;
    if (Math.floor(before / 2 ** 23) === Math.floor(bytes / 2 ** 23)) continue;
    collectGarbage();
    // Buffers are freed by another thread.
    await sleep(50);
    kept.push(process.memoryUsage().arrayBuffers);
  }
  await commit.close();
  // 60 MiB of content.
  expect(kept.length).toBeGreaterThan(5);
  expect(Math.max(...kept) - Math.min(...kept)).toBeLessThan(8 * 1024 * 1024);
});

test("an abort ends every git, and reads fail with its reason", async () => {
  const caller = new AbortController();
  const reason = new Error("left");
  const template = await repository.commit(
    [
      ["Dockerfile", "FROM x\n"],
      ["large", large],
    ],
    caller.signal,
  );
  const commit = await openCommit(template);
  const packing = pack(commit, signal);
  const failure = (async () => {
    for await (const chunk of packing as AsyncIterable<Buffer>) if (chunk.length > 0) caller.abort(reason);
  })();
  await expect(failure).rejects.toBe(reason);
  await expect(readSmallFile(treeOf(commit), "Dockerfile")).rejects.toBe(reason);
  await Promise.allSettled(template.started.map(({ ended }) => ended));
  await commit.close();
});

test("a closed commit ends every git, and cannot be read", async () => {
  const template = await repository.commit([
    ["Dockerfile", "FROM x\n"],
    ["large", large],
  ]);
  const commit = await openCommit(template);
  const packing = pack(commit);
  packing.read(0);
  await readSmallFile(treeOf(commit), "Dockerfile");
  const failed = once(packing, "error");
  await commit.close();
  expect(await stillRunning(template)).toBe(0);
  await expect(readSmallFile(treeOf(commit), "Dockerfile")).rejects.toThrow("closed");
  packing.resume();
  await failed;
});
