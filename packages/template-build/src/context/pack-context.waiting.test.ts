import { appendFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/testkit";
import { extract } from "tar-stream";
import { callsAtOnce, callsElsewhere, type DiskCalls } from "./disk-calls.js";
import type { PackContextRequest } from "./pack-context.js";

// No file system of a test answers over a network: which calls are made is said here.
let calls: DiskCalls = callsAtOnce;
jest.unstable_mockModule("./disk-calls-for.js", () => ({ diskCallsFor: async () => calls }));
const { packContext } = await import("./pack-context.js");

let temporary: TemporaryDirectory;
beforeEach(async () => {
  temporary = await temporaryDirectory();
  calls = callsAtOnce;
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
    directory: temporary.path,
    dockerfile: "Dockerfile",
    modifiedAt: new Date("2024-02-03T04:05:06Z"),
    signal: new AbortController().signal,
    ...changes,
  });
}

/** Each look at the clock is ten milliseconds later than the last. */
function slowClock(): jest.Spied<typeof performance.now> {
  let now = 0;
  return jest.spyOn(performance, "now").mockImplementation(() => (now += 10));
}

const block = 512;
// The header of the Dockerfile, its content, and the header of the file itself come before.
const before = 3 * block;
const chunk = 256 * block;
const sizes = [0, 1, 511, 512, 513, 65_535, 65_536, 65_537, chunk - 1, chunk, chunk + 1]
  .concat([-513, -512, -511, -1, 0, 1, 512].map((more) => chunk - before + more))
  .concat([-1, 0, 1].map((more) => 2 * chunk - before + more));

test.each(["at once", "elsewhere"])(
  "a file of any size comes whole, wherever the chunks end, read %s",
  async (where) => {
    if (where === "elsewhere") calls = callsElsewhere;
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

test("a file that grows behind the end of a chunk has changed", async () => {
  await put("a", Buffer.alloc(chunk - before, "x"));
  const packed = pack({
    onAmount: () => {
      appendFileSync(join(temporary.path, "a"), "y");
    },
  });
  await expect(buffer(packed)).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
});

test("a tree is packed to the same bytes by another thread", async () => {
  await put("d/e/f", "f");
  await put("d/ü/😀", "g");
  await put("ignored/x", "x");
  await put("ignored/keep", "k");
  await put(".dockerignore", "ignored\n!ignored/keep\n");
  await symlink("../d", join(temporary.path, "link"));
  const atOnce = await buffer(pack());
  calls = callsElsewhere;
  expect((await buffer(pack())).equals(atOnce)).toBe(true);
});

test("the process gets its turn while much is packed, and while nothing is", async () => {
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

test("an abort is heard although there is nothing to give out", async () => {
  for (let index = 0; index < 500; index += 1) await put(`d/f${String(index)}`, "x");
  await put(".dockerignore", "d/*\n");
  const clock = slowClock();
  const abort = new AbortController();
  const packed = buffer(pack({ signal: abort.signal }));
  const reason = new Error("enough");
  // By turns, not by a timer: a fast machine is through within its millisecond.
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
