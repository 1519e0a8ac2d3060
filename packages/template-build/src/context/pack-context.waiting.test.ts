import { appendFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { extract } from "tar-stream";
import { syncCalls, asyncCalls, type DiskCalls } from "./disk-calls.js";
import type { PackContextRequest } from "./pack-context.js";

// No test file system is on a network, so the test chooses which calls are made.
let calls: DiskCalls = syncCalls;
jest.unstable_mockModule("./disk-calls-for.js", () => ({ diskCallsFor: async () => calls }));
const { diskTree } = await import("./disk-tree.js");
const { packContext } = await import("./pack-context.js");

let temporary: TemporaryDirectory;
beforeEach(async () => {
  temporary = await temporaryDirectory();
  calls = syncCalls;
  await put("Dockerfile", "FROM scratch\n");
});
afterEach(async () => {
  jest.restoreAllMocks();
  await temporary.remove();
});

async function put(path: string, content: Buffer | string): Promise<void> {
  await mkdir(join(temporary.path, path, ".."), { recursive: true });
  await writeFile(join(temporary.path, path), content);
}

function pack(changes: Partial<PackContextRequest> = {}): Readable {
  return packContext({
    tree: diskTree(temporary.path),
    dockerfile: "Dockerfile",
    modifiedAt: new Date("2024-02-03T04:05:06Z"),
    signal: new AbortController().signal,
    ...changes,
  });
}

/** Each clock reading is ten milliseconds after the last. */
function slowClock(): jest.Spied<typeof performance.now> {
  let now = 0;
  return jest.spyOn(performance, "now").mockImplementation(() => (now += 10));
}

const block = 512;
// The header and content of the Dockerfile, and the header of the file itself, come first.
const before = 3 * block;
const chunk = 256 * block;
const sizes = [0, 1, 511, 512, 513, 65_535, 65_536, 65_537, chunk - 1, chunk, chunk + 1]
  .concat([-513, -512, -511, -1, 0, 1, 512].map((more) => chunk - before + more))
  .concat([-1, 0, 1].map((more) => 2 * chunk - before + more));

test.each(["synchronously", "on a worker thread"])(
  "packs a file of any size completely, wherever the chunks end, read %s",
  async (where) => {
    if (where === "on a worker thread") calls = asyncCalls;
    for (const size of sizes) {
      const content = Buffer.alloc(size, "0123456789abc");
      await put("a", content);
      await put("b", "behind it");
      const archive = extract();
      archive.end(await buffer(pack()));
      const found: Record<string, Buffer> = {};
      for await (const entry of archive) found[entry.header.name] = await buffer(entry);
      expect(Object.keys(found)).toEqual(["Dockerfile", "a", "b"]);
      expect(found["a"]?.equals(content)).toBe(true);
      expect(found["b"]?.toString()).toBe("behind it");
    }
  },
);

test("rejects a file that grows after the last chunk", async () => {
  await put("a", Buffer.alloc(chunk - before, "x"));
  const packed = pack({
    onAmount: () => {
      appendFileSync(join(temporary.path, "a"), "y");
    },
  });
  await expect(buffer(packed)).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
});

test("packs a tree to the same bytes on another thread", async () => {
  await put("d/e/f", "f");
  await put("d/ü/😀", "g");
  await put("ignored/x", "x");
  await put("ignored/keep", "k");
  await put(".dockerignore", "ignored\n!ignored/keep\n");
  await symlink("../d", join(temporary.path, "link"));
  const atOnce = await buffer(pack());
  calls = asyncCalls;
  expect((await buffer(pack())).equals(atOnce)).toBe(true);
});

test("yields to the event loop while it packs much, and while it packs nothing", async () => {
  for (let index = 0; index < 20; index += 1) await put(`d/f${String(index)}`, "x");
  for (const ignored of ["", "d/*\n"]) {
    await put(".dockerignore", ignored);
    slowClock();
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await buffer(pack());
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(20);
    jest.restoreAllMocks();
  }
});

test("an abort takes effect even if there is no output", async () => {
  for (let index = 0; index < 500; index += 1) await put(`d/f${String(index)}`, "x");
  await put(".dockerignore", "d/*\n");
  const clock = slowClock();
  const abort = new AbortController();
  const packed = buffer(pack({ signal: abort.signal }));
  const reason = new Error("enough");
  // By counting turns, not by a timer: a fast machine finishes within a millisecond.
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (turns === 10) abort.abort(reason);
    else setImmediate(turn);
  };
  setImmediate(turn);
  await expect(packed).rejects.toBe(reason);
  expect(clock.mock.calls.length).toBeLessThan(500);
});
