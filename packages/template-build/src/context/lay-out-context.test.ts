import { chmod, lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { extract } from "tar-stream";
import { diskTree } from "./disk-tree.js";
import { layOutContext, type LayOutRequest } from "./lay-out-context.js";
import { packContext } from "./pack-context.js";
import { templateContext } from "./template-context.js";

const modifiedAt = new Date("2020-02-03T04:05:06Z");
let temporary: TemporaryDirectory;
let directory: string;
let umask: number;

beforeEach(async () => {
  temporary = await temporaryDirectory();
  directory = join(temporary.path, "tree");
  await mkdir(directory);
  umask = process.umask(0o077);
});
afterEach(async () => {
  process.umask(umask);
  await temporary.remove();
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

const target = (): string => join(temporary.path, "context");

const dockerfileTarget = (): string => join(temporary.path, "copy");

async function layOut(changes: Partial<LayOutRequest> = {}): Promise<void> {
  const { signal } = new AbortController();
  const request = { target: target(), dockerfileTarget: dockerfileTarget(), signal, ...changes };
  const subject = { tree: diskTree(directory), dockerfile: "Dockerfile", modifiedAt, signal: request.signal };
  const context = templateContext(subject);
  try {
    await layOutContext(context, request);
  } finally {
    context.close();
  }
}

interface Entry {
  readonly mode: number;
  readonly mtimeMs: number;
  readonly content: string;
}

async function laidOut(): Promise<Record<string, Entry>> {
  const found: Record<string, Entry> = {};
  for (const name of await readdir(target(), { recursive: true })) {
    const path = join(target(), name);
    const seen = await lstat(path);
    const content = seen.isFile()
      ? await readFile(path, "utf8")
      : seen.isSymbolicLink()
        ? `-> ${await readlink(path)}`
        : "/";
    found[name] = { mode: seen.mode & 0o777, mtimeMs: seen.mtimeMs, content };
  }
  return found;
}

async function packed(): Promise<Record<string, Entry>> {
  const found: Record<string, Entry> = {};
  const signal = new AbortController().signal;
  const reader = extract();
  packContext({ tree: diskTree(directory), dockerfile: "Dockerfile", modifiedAt, signal }).pipe(reader);
  for await (const entry of reader) {
    const { name, mode, mtime, type, linkname } = entry.header;
    const bytes = (await buffer(entry)).toString("utf8");
    const content = type === "directory" ? "/" : type === "symlink" ? `-> ${linkname}` : bytes;
    found[name.replace(/\/$/, "")] = { mode, mtimeMs: mtime.getTime(), content };
  }
  return found;
}

test("has the same contents as an engine's tar: names, data, links, modes and times", async () => {
  await write({
    Dockerfile: "FROM scratch\n",
    ".dockerignore": "*.log\n!keep.log\nout/*\n!out/in\n",
    ".git/config": "secret",
    "a.log": "a",
    "keep.log": "keep",
    "out/in": "in",
    "out/away": "away",
    "deep/er/tool": "#!/bin/sh\n",
    "deep/.git/config": "secret",
  });
  await chmod(join(directory, "deep/er/tool"), 0o700);
  await symlink("../../../etc/passwd", join(directory, "deep", "link"));
  await mkdir(join(directory, "empty"));
  await layOut();
  const found = await laidOut();
  expect(Object.keys(found).sort()).toEqual(
    [
      ".dockerignore",
      "Dockerfile",
      "deep",
      "deep/er",
      "deep/er/tool",
      "deep/link",
      "empty",
      "keep.log",
      "out",
      "out/in",
    ].sort(),
  );
  expect(found).toEqual(await packed());
  expect(found["deep/er/tool"]).toEqual({
    mode: 0o755,
    mtimeMs: modifiedAt.getTime(),
    content: "#!/bin/sh\n",
  });
});

test("leaves out an ignored Dockerfile, and copies it elsewhere", async () => {
  await write({ Dockerfile: "FROM scratch\n", ".dockerignore": "*ocker*\n", x: "1" });
  await layOut();
  expect(Object.keys(await laidOut())).toEqual(["x"]);
  expect(await readFile(dockerfileTarget(), "utf8")).toBe("FROM scratch\n");
});

test("stops when its caller aborts", async () => {
  await write({ Dockerfile: "FROM scratch\n" });
  const reason = new Error("left");
  await expect(layOut({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("never writes into an existing directory, and names the location that it cannot use", async () => {
  await write({ Dockerfile: "FROM scratch\n" });
  await mkdir(target());
  await expect(layOut()).rejects.toMatchObject({
    code: "STORAGE_UNUSABLE",
    message: expect.stringContaining(target()),
  });
  await expect(layOut({ target: join(temporary.path, "absent", "x") })).rejects.toMatchObject({
    code: "STORAGE_UNUSABLE",
  });
});
