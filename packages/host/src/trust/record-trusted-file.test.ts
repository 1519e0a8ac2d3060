import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { tryLockFile } from "@molecule/node-edges";
import { recordTrustedFile } from "./record-trusted-file.js";
import { readTrustedFiles } from "./trusted-files.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
let place: string;

beforeEach(async () => {
  tree = await temporaryTree();
  place = tree.path("molecule/trusted.json");
});
afterEach(() => tree.remove());

const digest = `sha256:${"a".repeat(64)}`;
/** For writers that wait for many others, on a busy machine. */
const patient = { waitMs: 60_000 };

test("concurrent writers keep each other's entries", async () => {
  const paths = Array.from({ length: 20 }, (_, index) => `/p/${String(index)}`);
  await Promise.all(paths.map((path) => recordTrustedFile(place, { path, digest }, patient)));
  expect((await readTrustedFiles(place)).map(({ path }) => path).sort()).toEqual(paths.sort());
  expect(await readdir(tree.path("molecule"))).toEqual(["trusted.json"]);
});

test("writers in several processes keep each other's entries", async () => {
  const module = new URL("../../dist/trust/record-trusted-file.js", import.meta.url).href;
  const script = `const { recordTrustedFile } = await import(${JSON.stringify(module)});
    for (let n = 0; n < 5; n += 1)
      await recordTrustedFile(${JSON.stringify(place)}, { path: "/" + process.argv[1] + "/" + n, digest: ${JSON.stringify(digest)} }, ${JSON.stringify(patient)});`;
  const statuses = await Promise.all(
    ["a", "b", "c"].map(async (name) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, name], {
        stdio: "inherit",
      });
      const [status] = (await once(child, "exit")) as [number | null];
      return status;
    }),
  );
  expect(statuses).toEqual([0, 0, 0]);
  expect(await readTrustedFiles(place)).toHaveLength(15);
});

test("a leftover of a killed writer does not block others", async () => {
  await recordTrustedFile(place, { path: "/p", digest });
  await tree.write({ "molecule/trusted.json.lock": "half" });
  await recordTrustedFile(place, { path: "/q", digest });
  expect(await readTrustedFiles(place)).toHaveLength(2);
  expect(await readdir(tree.path("molecule"))).toEqual(["trusted.json"]);
});

test("waits for a running writer, and names it on timeout", async () => {
  await recordTrustedFile(place, { path: "/p", digest });
  const release = await tryLockFile(`${place}.lock`);
  await expect(recordTrustedFile(place, { path: "/q", digest }, { waitMs: 50 })).rejects.toMatchObject({
    code: "STORAGE_UNUSABLE",
    message: expect.stringContaining(`${place}.lock`) as unknown,
  });
  await release?.();
  expect(await readTrustedFiles(place)).toHaveLength(1);
});

test("a caller that aborts does not wait", async () => {
  await recordTrustedFile(place, { path: "/o", digest });
  const release = await tryLockFile(`${place}.lock`);
  const controller = new AbortController();
  const recorded = recordTrustedFile(place, { path: "/p", digest }, { signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 30);
  await expect(recorded).rejects.toMatchObject({ code: "CANCELLED" });
  await release?.();
});
