import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Verdict } from "@molecule/core";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";
import { checkCache } from "./check-cache.js";

let tree: TemporaryTree;
beforeEach(async () => {
  tree = await temporaryTree({ file: "", "home/": "" });
});
afterEach(() => tree.remove());

const check = (directory: string): Promise<Verdict> => checkCache({ base: directory, directory });

test("a directory that exists or can be created is ok, and nothing is left in it", async () => {
  const cache = tree.path("home/.cache/molecule");
  expect(await check(cache)).toMatchObject({ ok: true, message: `${cache} will be created when needed` });
  await mkdir(cache, { recursive: true, mode: 0o700 });
  expect(await check(cache)).toMatchObject({ ok: true, message: cache });
  expect([await readdir(cache), await readdir(tree.path("home"))]).toEqual([[], [".cache"]]);
  expect((await stat(cache)).isDirectory()).toBe(true);
});

test.each([
  ["below a file", () => tree.path("file/cache")],
  ["with a name that is too long", () => tree.path("x".repeat(300))],
  ["with a parent whose name is too long", () => join(tree.path("x".repeat(300)), "cache")],
])("a directory %s is not promised", async (_what, directory) => {
  expect(await check(directory())).toMatchObject({
    ok: false,
    message: expect.stringContaining(directory()),
    hint: expect.stringContaining("MOLECULE_LOCAL_BUILD_CACHE"),
  });
});

(process.platform === "linux" ? test : test.skip)(
  "a directory below /proc is not promised, even to root",
  async () => {
    expect(await check("/proc/molecule/cache")).toMatchObject({
      ok: false,
      message: "cannot create /proc/molecule/cache: ENOENT in /proc",
    });
  },
);
