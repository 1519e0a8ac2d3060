import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parseRuntimeName, silentLog, type Log } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { buildRecords, type BuildRecords } from "./build-records.js";

const hermes = parseRuntimeName("hermes");
const id = (digit: string): string => `sha256:${digit.repeat(64)}`;
let root: string;
let wall = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "records-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function records(log: Log = silentLog): BuildRecords {
  const clock = { monotonicMs: () => 0, wallMs: () => wall, after: () => () => undefined };
  return buildRecords({ store: createStore({ directory: join(root, "cache"), env: {} }), clock, log });
}

test("build records keep the order if the clock goes back, and a rebuilt image becomes the newest", async () => {
  wall = 2_000_000_000_000;
  await records().add(hermes, { imageId: id("a"), reference: "r:a" });
  wall = 1_000_000_000_000;
  await records().add(hermes, { imageId: id("b"), reference: "r:b" });
  const known = await records().of(hermes);
  expect([...known.values()].sort((one, other) => one.sequence - other.sequence)).toMatchObject([
    { imageId: id("a"), reference: "r:a", sequence: 1, builtAt: 2_000_000_000_000 },
    { imageId: id("b"), sequence: 2, builtAt: 1_000_000_000_000 },
  ]);
  await records().add(hermes, { imageId: id("a"), reference: "r:a" });
  expect((await records().of(hermes)).get(id("a"))).toMatchObject({ sequence: 3 });
  expect(await readdir(join(root, "cache", "records", "hermes"))).toHaveLength(2);
});

test("damaged or missing build records are ignored", async () => {
  await records().add(hermes, { imageId: id("a"), reference: "r:a" });
  const directory = join(root, "cache", "records", "hermes");
  const record = { imageId: id("b"), reference: "r:b", sequence: 1, builtAt: 1 };
  const damaged = [
    "{",
    "null",
    '{"imageId":7}',
    JSON.stringify({ ...record, isBuilt: "yes" }),
    JSON.stringify({ ...record, verifiedBy: 7 }),
  ];
  for (const [index, text] of damaged.entries())
    await writeFile(join(directory, `${String(index)}.json`), text);
  await mkdir(join(directory, "directory.json"));
  expect([...(await records().of(hermes)).keys()]).toEqual([id("a")]);
  expect(await records().of(parseRuntimeName("codex"))).toEqual(new Map());
});

test("a build record keeps where its image came from", async () => {
  await records().add(hermes, { imageId: id("a"), reference: "r:a", isBuilt: true });
  await records().add(hermes, { imageId: id("b"), reference: "r:b", isBuilt: false, verifiedBy: "policy" });
  expect(await records().get(hermes, id("a"))).toMatchObject({ isBuilt: true, sequence: 1 });
  expect(await records().get(hermes, id("b"))).toMatchObject({ isBuilt: false, verifiedBy: "policy" });
  expect(await records().get(hermes, id("c"))).toBeUndefined();
});

test.each([
  ["a debug line", false, "debug: cannot record a build"],
  [
    "a warning if it decides trust",
    true,
    "warn: cannot record that an image is trusted; the next call gets it again",
  ],
])("an unwritable build record causes no failure, only %s", async (_what, decidesTrust, line) => {
  await symlink("/nonexistent", join(root, "cache"));
  const logged: string[] = [];
  const log: Log = {
    ...silentLog,
    debug: (message) => void logged.push(`debug: ${message}`),
    warn: (message) => void logged.push(`warn: ${message}`),
  };
  await records(log).add(hermes, { imageId: id("a"), reference: "r:a" }, { decidesTrust });
  expect(logged).toEqual([line]);
});
