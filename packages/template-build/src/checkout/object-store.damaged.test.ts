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
import { join } from "node:path";
import { geteuid } from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openObjectStore } from "./object-store.js";
import {
  buildFirst,
  buildNext,
  bytesOfNext,
  copyHermesWorld,
  fewBytes,
  onlyObjectStore,
  openHermesWorld,
  type HermesWorld,
} from "./object-store.test.support.js";

/** The forge, and the checkouts and the object store after one build, which every test gets as a copy. */
let first: HermesWorld;
let world: HermesWorld;
beforeAll(async () => {
  first = await openHermesWorld();
  await buildFirst(first, 20);
});
afterAll(() => first.close());
beforeEach(async () => {
  world = await copyHermesWorld(first);
});
afterEach(() => world.close());

async function flip(path: string, offset: number, mask = 0x04): Promise<void> {
  const bytes = await readFile(path);
  const at = ((offset % bytes.length) + bytes.length) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
  // Packs are read-only.
  await rm(path);
  await writeFile(path, bytes);
}

/** Returns the file of the object store whose path matches. */
async function inStore(pattern: RegExp): Promise<string> {
  const store = await onlyObjectStore(world);
  const found = (await readdir(store, { recursive: true })).find((name) => pattern.test(name));
  if (found === undefined) throw new Error(`the object store has no ${String(pattern)}`);
  return join(store, found);
}

const files: readonly (readonly [string, RegExp])[] = [
  ["the pack", /\.pack$/],
  ["the index of the pack", /\.idx$/],
  ["a ref", /refs\/commits\//],
  ["the list of commits without parents", /shallow$/],
  ["HEAD", /HEAD$/],
  ["the configuration", /config$/],
];

describe("a damaged object store never reaches a build", () => {
  test.each(files)("after a changed bit in %s", async (_what, pattern) => {
    const size = (await lstat(await inStore(pattern))).size;
    const offsets = new Set(Array.from({ length: 6 }, (_, part) => Math.floor((part * (size - 1)) / 5)));
    for (const offset of offsets) {
      await world.close();
      world = await copyHermesWorld(first);
      await flip(await inStore(pattern), offset, 1 << (offset % 8));
      await buildNext(world, `after ${String(offset)}\n`);
      const directory = join(world.root, "cache", "hermes", world.sha.slice(0, 12));
      expect(await readFile(join(directory, "d0/f0"), "utf8")).toBe("first\n");
    }
    await rm(join(world.root, "cache", ".repositories"), { recursive: true, force: true });
    await buildNext(world, "whole\n");
  });

  // git does not sync what it writes to the disk.
  test.each(files)("after a power failure that lost the content of %s", async (_what, pattern) => {
    for (const keepsSize of [true, false]) {
      await world.close();
      world = await copyHermesWorld(first);
      const file = await inStore(pattern);
      const { size } = await lstat(file);
      await rm(file);
      await writeFile(file, Buffer.alloc(keepsSize ? size : 0));
      await buildNext(world, `${String(keepsSize)}\n`);
      await buildNext(world, "again\n");
      expect(await bytesOfNext(world, "little\n")).toBeLessThan(fewBytes);
    }
  });

  test("if the damaged file is read by the build that notices it, the build starts over", async () => {
    const pack = await inStore(/\.pack$/);
    await flip(pack, Math.floor((await lstat(pack)).size / 2));

    await buildNext(world, "changed\n");

    expect(world.warnings).toContain("removing a damaged object store");
    await buildNext(world, "again\n");
    expect(await bytesOfNext(world, "little again\n")).toBeLessThan(fewBytes);
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
    await damage(await onlyObjectStore(world));

    await buildNext(world, "changed\n");

    expect(world.warnings).toEqual(expect.arrayContaining(["removing a damaged object store"]));
    await buildNext(world, "whole\n");
    world.warnings.length = 0;
    expect(await bytesOfNext(world, "little\n")).toBeLessThan(fewBytes);
    expect(world.warnings).toEqual([]);
  });

  test("without its packs, everything is fetched", async () => {
    await rm(join(await onlyObjectStore(world), "objects/pack"), { recursive: true });
    await buildNext(world, "changed\n");
    expect(await bytesOfNext(world, "little\n")).toBeLessThan(fewBytes);
  });

  test("with another format of hashes, it is created again", async () => {
    const { store, remote, log } = world.request();
    const opened = await openObjectStore({
      store,
      runtime: "hermes",
      url: remote.url,
      format: "sha256",
      log,
    });
    expect(opened?.isEmpty).toBe(true);
    await opened?.close();
    await buildNext(world, "changed\n");
  });
});

describe("planted in the object store", () => {
  /** Records that it ran. */
  async function canary(): Promise<string> {
    const program = join(world.root, "canary");
    await writeFile(program, `#!/bin/sh\ntouch '${world.root}/ran'\ncat\n`, { mode: 0o755 });
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
    const config = join(await onlyObjectStore(world), "config");
    await writeFile(config, (await readFile(config, "utf8")) + text(await canary()));

    await buildNext(world, "changed\n");

    expect(await readdir(world.root)).not.toContain("ran");
    await buildNext(world, "again\n");
    expect(await readFile(join(await onlyObjectStore(world), "config"), "utf8")).not.toContain(
      text("").split("\n")[1],
    );
  });

  test("hooks and attributes have no effect", async () => {
    const store = await onlyObjectStore(world);
    const program = await canary();
    await mkdir(join(store, "hooks"));
    for (const hook of ["post-checkout", "reference-transaction", "post-merge"])
      await writeFile(join(store, "hooks", hook), await readFile(program), { mode: 0o755 });
    await mkdir(join(store, "info"));
    await writeFile(join(store, "info/attributes"), "* text eol=crlf\n");

    await buildNext(world, "changed\n");

    expect(await readdir(world.root)).not.toContain("ran");
  });
});

describe("an object store of somebody else", () => {
  test("is not used, and not followed if it is a link", async () => {
    const store = await onlyObjectStore(world);
    const elsewhere = join(world.root, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "file"), "mine");
    await rm(store, { recursive: true });
    await symlink(elsewhere, store);

    await buildNext(world, "changed\n");

    expect(await readdir(elsewhere)).toEqual(["file"]);
    expect(world.warnings).toEqual(["cannot use the object store; fetching without it"]);
  });

  test("is not used, and stays, if it belongs to another user", async () => {
    if (geteuid?.() !== 0) return;
    const store = await onlyObjectStore(world);
    await chown(store, 12345, 12345);

    await buildNext(world, "changed\n");

    expect((await lstat(store)).uid).toBe(12345);
    expect(world.warnings).toEqual(["cannot use the object store; fetching without it"]);
  });

  test("is closed to other users", async () => {
    const store = await onlyObjectStore(world);
    await chmod(store, 0o777);
    await buildNext(world, "changed\n");
    expect((await lstat(store)).mode & 0o777).toBe(0o700);
  });
});
