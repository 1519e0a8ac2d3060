import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { mkdir, symlink, writeFile, open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { syncCalls, asyncCalls } from "./disk-calls.js";
import { diskCallsFor, isDistant } from "./disk-calls-for.js";

let temporary: TemporaryDirectory;
let at: (name: string) => string;
beforeEach(async () => {
  temporary = await temporaryDirectory();
  at = (name) => join(temporary.path, name);
});
afterEach(() => temporary.remove());

describe.each([
  ["synchronous calls", syncCalls],
  ["asynchronous calls", asyncCalls],
])("calls %s", (_where, calls) => {
  test("open, stat and read", async () => {
    await writeFile(at("file"), "0123456789");
    const { file, stats } = await calls.open(at("file"), constants.O_RDONLY);
    const into = Buffer.from("..............");

    expect(stats.size).toBe(10);
    expect(await calls.read(file, into, 1, 4)).toBe(4);
    expect(await calls.read(file, into, 6, 8)).toBe(6);
    expect(into.toString()).toBe(".0123.456789..");
    expect(await calls.read(file, into, 0, 1)).toBe(0);
    calls.close(file);
  });

  test("read large files", async () => {
    const content = Buffer.alloc(300_000, "0123456789");
    await writeFile(at("file"), content);
    const { file } = await calls.open(at("file"), constants.O_RDONLY);
    const into = Buffer.alloc(content.length);
    let bytes = 0;
    while (bytes < into.length) bytes += await calls.read(file, into, bytes, into.length - bytes);
    calls.close(file);

    expect(into.equals(content)).toBe(true);
  });

  test("list names and types, as text and as bytes", async () => {
    await mkdir(at("d"));
    await mkdir(at("d/below"));
    await symlink("nowhere", at("d/link"));
    await writeFile(Buffer.concat([Buffer.from(at("d/")), Buffer.from([0x61, 0xff])]), "");
    const isOrderless = (names: string[]) => names.sort();

    const texts = await calls.readdir(at("d"));
    const bytes = await calls.readdirBytes(at("d"));
    expect(isOrderless(texts.map(({ name }) => name))).toEqual(["a\uFFFD", "below", "link"]);
    expect(isOrderless(bytes.map(({ name }) => name.toString("hex")))).toEqual([
      "61ff",
      Buffer.from("below").toString("hex"),
      Buffer.from("link").toString("hex"),
    ]);
    expect(texts.find(({ name }) => name === "link")?.isSymbolicLink()).toBe(true);
    expect((await calls.readlink(at("d/link"))).toString()).toBe("nowhere");
    expect((await calls.lstat(at("d/link"))).isSymbolicLink()).toBe(true);
  });

  test("report why they fail", async () => {
    await symlink("nowhere", at("link"));
    const failure = async (path: string): Promise<unknown> =>
      calls.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    await expect(failure(at("absent"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(failure(at("link"))).rejects.toMatchObject({ code: "ELOOP" });
  });
});

test("on a worker thread, a call that hangs does not block the process", async () => {
  execFileSync("mkfifo", [at("fifo")]);
  const opening = Promise.resolve(asyncCalls.open(at("fifo"), constants.O_RDONLY));
  let isOpen = false;
  void opening.then(() => (isOpen = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isOpen).toBe(false);

  const other = await open(at("fifo"), "w");
  asyncCalls.close((await opening).file);
  await other.close();
});

test("calls a local disk directly, and one behind a network or a process on a worker thread", async () => {
  expect(await diskCallsFor(temporary.path)).toBe(syncCalls);
  const [ext, tmpfs, overlay] = [0xef53, 0x01021994, 0x794c7630];
  expect([ext, tmpfs, overlay].map(isDistant)).toEqual([false, false, false]);
  // The last is how a 32-bit number may arrive with its sign.
  const [nfs, smb, fuse, signed] = [0x6969, 0xfe534d42, 0x65735546, 0xff534d42 | 0];
  expect([nfs, smb, fuse, signed].map(isDistant)).toEqual([true, true, true, true]);
});
