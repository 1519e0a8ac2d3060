import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { geteuid } from "node:process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge, type TemplateFile } from "@molecule/testkit";
import { checkOut } from "./check-out.js";
import { openObjectStore } from "./object-store.js";
import { builtFile, countGitBytes, hermesRequest, objectStoresIn } from "./object-store.test.support.js";

let place: TemporaryDirectory;
let root: string;
let forge: Forge;
let sha: string;
let warnings: string[];

/** Files of different sizes, and enough of them that fetching all differs from fetching one. */
function files(count: number): Record<string, TemplateFile> {
  const entries = Array.from({ length: count }, (_, index) => [
    `d${String(index % 20)}/f${String(index)}`,
    Array.from({ length: 40 }, (__, line) => `${String(Math.sin(index * 40 + line))}\n`).join(""),
  ]);
  return { Dockerfile: "FROM scratch\n", ...(Object.fromEntries(entries) as object), "d0/f0": "first\n" };
}

beforeEach(async () => {
  place = await temporaryDirectory();
  root = place.path;
  forge = await startForge();
  warnings = [];
});

afterEach(async () => {
  await forge.stop();
  await place.remove();
});

const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string) => void warnings.push(message),
  error: (message: string) => void warnings.push(message),
};

/** Commits a change of one file, builds it, and checks that the build has it. */
async function buildNext(content: string): Promise<void> {
  sha = await forge.commit("hermes", { "d1/f1": content });
  expect(await builtFile(hermesRequest({ forge, root, sha }, { log }), "d1/f1")).toBe(content);
}

async function buildFirst(count = 100, options: Parameters<Forge["addTemplate"]>[2] = {}): Promise<void> {
  sha = await forge.addTemplate("hermes", files(count), options);
  expect(await builtFile(hermesRequest({ forge, root, sha }, { log }), "Dockerfile")).toBe("FROM scratch\n");
}

/** Builds another commit, and returns how many bytes the forge sent for it. */
async function bytesOfNext(content: string): Promise<number> {
  const bytes = countGitBytes(forge);
  await buildNext(content);
  return bytes();
}

async function objectStore(): Promise<string> {
  const [path = "", ...more] = await objectStoresIn(root);
  expect(more).toEqual([]);
  return path;
}

/** Enough for a commit, a few trees and a file; all files are many times as many. */
const fewBytes = 8 * 1024;

describe("the next commit", () => {
  test("transfers only the changed file of 5,000", async () => {
    const all = countGitBytes(forge);
    await buildFirst(5000);
    expect(all()).toBeGreaterThan(100 * fewBytes);
    const requests = forge.gitRequests().length;

    expect(await bytesOfNext("changed\n")).toBeLessThan(fewBytes);

    expect(forge.gitRequests().length - requests).toBe(2);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["a repository with 64-digit hashes", { objectFormat: "sha256" }],
    ["a repository with 40-digit hashes", { objectFormat: "sha1" }],
  ] as const)("transfers little from %s, again and again", async (_what, options) => {
    await buildFirst(100, options);
    for (const content of ["one\n", "two\n", "three\n"])
      expect(await bytesOfNext(content)).toBeLessThan(fewBytes);
  });

  test("transfers little from a server that serves only branches, also if the branch has moved", async () => {
    await forge.stop();
    forge = await startForge({ allowAnySha: false });
    await buildFirst();
    expect(await bytesOfNext("one\n")).toBeLessThan(fewBytes);

    sha = await forge.commit("hermes", { "d1/f1": "looked up\n" });
    const request = hermesRequest({ forge, root, sha }, { log });
    await forge.commit("hermes", { "d1/f1": "moved\n" });
    const bytes = countGitBytes(forge);
    expect(await builtFile(request, "d1/f1")).toBe("looked up\n");
    expect(bytes()).toBeLessThan(fewBytes);
    expect(warnings).toEqual([]);
  });

  test("can be one without any common history, from a server that has forgotten the former one", async () => {
    await buildFirst();
    const tree = (await forge.git("hermes", ["rev-parse", "main^{tree}"])).trim();
    const other = (await forge.git("hermes", ["commit-tree", tree, "-m", "another history"])).trim();
    await forge.git("hermes", ["update-ref", "refs/heads/main", other]);
    await forge.git("hermes", ["reflog", "expire", "--expire=now", "--all"]);
    await forge.git("hermes", ["gc", "--prune=now", "--quiet"]);

    await buildNext("after the force push\n");
    expect(await bytesOfNext("and the next\n")).toBeLessThan(fewBytes);
    expect(warnings).toEqual([]);
  });

  test("can be the same commit", async () => {
    await buildFirst();
    expect(await builtFile(hermesRequest({ forge, root, sha }, { log }), "d0/f0")).toBe("first\n");
    expect(warnings).toEqual([]);
  });

  test("transfers little after a connection that broke", async () => {
    await buildFirst();
    sha = await forge.commit("hermes", { "d1/f1": "x".repeat(100_000) });
    forge.fault(
      /\/git-upload-pack$/,
      (_request, response) => {
        const write = response.write.bind(response);
        response.write = (chunk: Uint8Array) => {
          write(chunk.subarray(0, 300));
          response.socket?.destroySoon();
          return true;
        };
        return false;
      },
      { times: 1 },
    );
    await expect(checkOut(hermesRequest({ forge, root, sha }, { log }))).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });

    expect(await bytesOfNext("y\n")).toBeLessThan(fewBytes);
    expect(warnings).toEqual([]);
  });

  test("starts a new object store when git would have to search too many packs", async () => {
    await buildFirst(3);
    const counts = new Set<number>();
    for (let number = 0; number < 35; number += 1) {
      sha = await forge.commit("hermes", { "d1/f1": String(number) });
      const { settle } = await checkOut(hermesRequest({ forge, root, sha }, { log }));
      await settle();
      counts.add((await readdir(join(await objectStore(), "objects/pack"))).length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(3 * 33);
    expect(Math.min(...counts)).toBeLessThanOrEqual(3);
    await buildNext("still right\n");
    expect(warnings).toEqual([]);
  });
});

test("the checkout of a commit can be inspected with git, and does not depend on the next ones", async () => {
  await buildFirst();
  const former = sha;
  await buildNext("changed\n");
  const directory = join(root, "cache", "hermes", former.slice(0, 12));
  const { execFileSync } = await import("node:child_process");
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: directory, encoding: "utf8" });

  expect(git("status", "--porcelain")).toBe("");
  expect(git("log", "--format=%H").trim()).toBe(former);
});

test("a reader that ends git early leaves the object store as it is", async () => {
  await buildFirst();
  const { objects, settle } = await checkOut(hermesRequest({ forge, root, sha }, { log }));
  const git = await objects.start(["cat-file", "--batch"]);
  git.end();
  await expect(git.ended).rejects.toThrow("git cat-file was ended");
  await settle();
  expect(await bytesOfNext("changed\n")).toBeLessThan(fewBytes);
  expect(warnings).toEqual([]);
});

test("a checkout that finds the object store in use does without it, and leaves it as it is", async () => {
  await buildFirst();
  const first = await checkOut(hermesRequest({ forge, root, sha }, { log }));
  const before = await readdir(join(await objectStore(), "objects/pack"));

  await buildNext("from elsewhere\n");

  expect(await readdir(join(await objectStore(), "objects/pack"))).toEqual(before);
  expect(await readFile(join(await first.files(), "d0/f0"), "utf8")).toBe("first\n");
  await first.settle();
  await buildNext("once more\n");
  expect(await bytesOfNext("changed\n")).toBeLessThan(fewBytes);
  expect(warnings).toEqual([]);
});

test("many checkouts at the same time get what they asked for", async () => {
  await buildFirst();
  const commits = new Map<string, string>();
  for (const content of ["one\n", "two\n", "three\n", "four\n"])
    commits.set(await forge.commit("hermes", { "d1/f1": content }), content);

  const built = [...commits.keys()].map((one) =>
    builtFile(hermesRequest({ forge, root, sha: one }, { log }), "d1/f1"),
  );

  expect(await Promise.all(built)).toEqual([...commits.values()]);
  expect(warnings).toEqual([]);
});

async function flip(path: string, offset: number, mask = 0x04): Promise<void> {
  const bytes = await readFile(path);
  const at = ((offset % bytes.length) + bytes.length) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
  // Packs are read-only.
  await rm(path);
  await writeFile(path, bytes);
}

async function inStore(pattern: RegExp): Promise<string> {
  const store = await objectStore();
  const found = (await readdir(store, { recursive: true })).find((name) => pattern.test(name));
  if (found === undefined) throw new Error(`the object store has no ${String(pattern)}`);
  return join(store, found);
}

describe("a damaged object store never reaches a build", () => {
  test.each([
    ["the pack", /\.pack$/],
    ["the index of the pack", /\.idx$/],
    ["a ref", /refs\/commits\//],
    ["the list of commits without parents", /shallow$/],
    ["HEAD", /HEAD$/],
    ["the configuration", /config$/],
  ])("after a changed bit in %s", async (_what, pattern) => {
    await buildFirst(20);
    const size = (await lstat(await inStore(pattern))).size;
    const offsets = new Set(Array.from({ length: 6 }, (_, part) => Math.floor((part * (size - 1)) / 5)));
    for (const offset of offsets) {
      const former = await forge.git("hermes", ["show", "main:d0/f0"]);
      await flip(await inStore(pattern), offset, 1 << (offset % 8));
      await buildNext(`after ${String(offset)}\n`);
      const directory = join(root, "cache", "hermes", sha.slice(0, 12));
      expect(await readFile(join(directory, "d0/f0"), "utf8")).toBe(former);
      await rm(join(root, "cache", ".repositories"), { recursive: true, force: true });
      await buildNext(`whole after ${String(offset)}\n`);
    }
  });

  test("if the damaged file is read by the build that notices it, the build starts over", async () => {
    await buildFirst(20);
    const pack = await inStore(/\.pack$/);
    await flip(pack, Math.floor((await lstat(pack)).size / 2));

    await buildNext("changed\n");

    expect(warnings).toContain("removing a damaged object store");
    await buildNext("again\n");
    expect(await bytesOfNext("little again\n")).toBeLessThan(fewBytes);
  });

  test.each<[string, (store: string) => Promise<void>]>([
    ["a truncated pack", async () => truncate(await inStore(/\.pack$/), 100)],
    ["an empty index", async () => truncate(await inStore(/\.idx$/), 0)],
    ["a pack without its index", async () => rm(await inStore(/\.idx$/))],
    ["no refs", async (store) => rm(join(store, "refs"), { recursive: true })],
    ["a lock that git has left", (store) => writeFile(join(store, "shallow.lock"), "")],
    ["a lock of a ref", (store) => writeFile(join(store, "refs/commits/1.lock"), "")],
    ["an unfinished pack", (store) => writeFile(join(store, "objects/pack/tmp_pack_1"), "PACK")],
    ["a pack to keep", (store) => writeFile(join(store, "objects/pack/pack-1.keep"), "")],
    ["the marker of an unfinished fetch", (store) => writeFile(join(store, "fetching"), "")],
    ["hooks", (store) => mkdir(join(store, "hooks"))],
    ["attributes", (store) => mkdir(join(store, "info"))],
    ["other objects", (store) => writeFile(join(store, "objects/info/alternates"), "/nonexistent\n")],
    ["a loose object", (store) => mkdir(join(store, "objects/00"))],
    ["a link", (store) => symlink("/etc/passwd", join(store, "refs/commits/1"))],
  ])("with %s, it is removed, and everything is fetched again", async (_what, damage) => {
    await buildFirst(20);
    await damage(await objectStore());

    await buildNext("changed\n");

    expect(warnings).toEqual(expect.arrayContaining(["removing a damaged object store"]));
    await buildNext("whole\n");
    warnings = [];
    expect(await bytesOfNext("little\n")).toBeLessThan(fewBytes);
    expect(warnings).toEqual([]);
  });

  test("without its packs, everything is fetched", async () => {
    await buildFirst(20);
    await rm(join(await objectStore(), "objects/pack"), { recursive: true });
    await buildNext("changed\n");
    expect(await bytesOfNext("little\n")).toBeLessThan(fewBytes);
  });

  test("with another format of hashes, it is created again", async () => {
    await buildFirst(20);
    const { store, remote } = hermesRequest({ forge, root, sha });
    const opened = await openObjectStore({
      store,
      runtime: "hermes",
      url: remote.url,
      format: "sha256",
      log,
    });
    expect(opened?.isEmpty).toBe(true);
    await opened?.close();
    await buildNext("changed\n");
  });
});

describe("planted in the object store", () => {
  /** Records that it ran. */
  async function canary(): Promise<string> {
    const program = join(root, "canary");
    await writeFile(program, `#!/bin/sh\ntouch '${root}/ran'\ncat\n`, { mode: 0o755 });
    return program;
  }

  test.each([
    ["another server", (): string => '[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n'],
    ["no verification of certificates", (): string => "[http]\n\tsslVerify = false\n"],
    [
      "a program for alternates",
      (program: string): string => `[core]\n\talternateRefsCommand = ${program}\n`,
    ],
    ["another working tree", (): string => "[core]\n\tworktree = /\n"],
    ["an include", (program: string): string => `[include]\n\tpath = ${program}\n`],
  ])("a configuration with %s has no effect", async (_what, text) => {
    await buildFirst(5);
    const config = join(await objectStore(), "config");
    await writeFile(config, (await readFile(config, "utf8")) + text(await canary()));

    await buildNext("changed\n");

    expect(await readdir(root)).not.toContain("ran");
    await buildNext("again\n");
    expect(await readFile(join(await objectStore(), "config"), "utf8")).not.toContain(
      text("").split("\n")[1],
    );
  });

  test("hooks and attributes have no effect", async () => {
    await buildFirst(5);
    const store = await objectStore();
    const program = await canary();
    await mkdir(join(store, "hooks"));
    for (const hook of ["post-checkout", "reference-transaction", "post-merge"])
      await writeFile(join(store, "hooks", hook), await readFile(program), { mode: 0o755 });
    await mkdir(join(store, "info"));
    await writeFile(join(store, "info/attributes"), "* text eol=crlf\n");

    await buildNext("changed\n");

    expect(await readdir(root)).not.toContain("ran");
  });
});

describe("an object store of somebody else", () => {
  test("is not used, and not followed if it is a link", async () => {
    await buildFirst(5);
    const store = await objectStore();
    const elsewhere = join(root, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "file"), "mine");
    await rm(store, { recursive: true });
    await symlink(elsewhere, store);

    await buildNext("changed\n");

    expect(await readdir(elsewhere)).toEqual(["file"]);
    expect(warnings).toEqual(["cannot use the object store; fetching without it"]);
  });

  test("is not used, and stays, if it belongs to another user", async () => {
    if (geteuid?.() !== 0) return;
    await buildFirst(5);
    const store = await objectStore();
    await chown(store, 12345, 12345);

    await buildNext("changed\n");

    expect((await lstat(store)).uid).toBe(12345);
    expect(warnings).toEqual(["cannot use the object store; fetching without it"]);
  });

  test("is closed to other users", async () => {
    await buildFirst(5);
    const store = await objectStore();
    await chmod(store, 0o777);
    await buildNext("changed\n");
    expect((await lstat(store)).mode & 0o777).toBe(0o700);
  });
});
