import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ownProcess } from "../run/process-identity.js";
import { createStore, type DirectoryStore } from "./create-store.js";

let root: string;
let cache: string;
let store: DirectoryStore;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "store-")));
  cache = join(root, "cache");
  store = createStore({ directory: cache, env: {} });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777;

test("creating a store and reading from it create nothing", async () => {
  expect(await store.records("r").read("k")).toBeUndefined();
  expect(await store.records("r").all()).toEqual([]);
  expect(await store.directories()).toEqual([]);
  await store.records("r").remove("k");
  await store.discard(join(cache, "a", "b")).catch(() => undefined);
  expect(await readdir(root)).toEqual([]);
});

test.each(["", ".", "..", "../x", "a/../../x", "/etc", "a//b", "a/."])(
  "the name %j is a programming mistake",
  async (name) => {
    expect(() => store.records(name)).toThrow(TypeError);
    await expect(async () => store.privateDirectory(name)).rejects.toThrow(TypeError);
    await expect(store.workDirectory(name)).rejects.toThrow(TypeError);
    await expect(store.discard(join(cache, name, "..", ".."))).rejects.toThrow(TypeError);
    expect(await readdir(root)).toEqual([]);
  },
);

describe("records", () => {
  test("are kept for each key, for this user only", async () => {
    const records = store.records("r/hermes");
    await records.write("one/../key", { a: 1 });
    await records.write("another", [2]);
    await records.write("another", [3]);

    expect(await store.records("r/hermes").read("one/../key")).toEqual({ a: 1 });
    expect(new Set(await records.all())).toEqual(new Set([{ a: 1 }, [3]]));
    const names = await readdir(join(cache, "r", "hermes"));
    expect(names).toHaveLength(2);
    for (const name of names) expect(await modeOf(join(cache, "r", "hermes", name))).toBe(0o600);
    expect(await modeOf(join(cache, "r"))).toBe(0o700);

    await records.remove("another");
    expect(await records.all()).toEqual([{ a: 1 }]);
  });

  describe("that another user could have written count as absent", () => {
    const someoneElse = 65_534;
    const asRoot = process.getuid?.() === 0 ? test : test.skip;
    const written = async (): Promise<string> => {
      await store.records("r").write("k", { trusted: true });
      expect(await store.records("r").read("k")).toEqual({ trusted: true });
      const [name = ""] = await readdir(join(cache, "r"));
      return join(cache, "r", name);
    };
    afterEach(async () => {
      expect(await store.records("r").read("k")).toBeUndefined();
      expect(await store.records("r").all()).toEqual([]);
    });

    asRoot("a file of another user", async () => {
      await chown(await written(), someoneElse, someoneElse);
    });

    test("a file that others can write", async () => {
      await chmod(await written(), 0o666);
    });

    test("a link", async () => {
      const file = await written();
      await rename(file, join(root, "elsewhere"));
      await symlink(join(root, "elsewhere"), file);
    });
  });

  test("that are damaged count as absent", async () => {
    const records = store.records("r");
    await records.write("k", 1);
    for (const name of await readdir(join(cache, "r"))) await writeFile(join(cache, "r", name), "{");

    expect(await records.read("k")).toBeUndefined();
    expect(await records.all()).toEqual([]);
    await records.write("k", 2);
    expect(await records.read("k")).toBe(2);
  });
});

describe("a place that cannot be used is named, with the remedy:", () => {
  const uses = [
    ["a record", () => store.records("x/r").write("k", 1)],
    ["a private directory", () => store.privateDirectory("x/d")],
    ["a work directory", () => store.workDirectory("x/w")],
  ] as const;

  test.each(uses)("a link, for %s", async (_what, use) => {
    await mkdir(join(root, "elsewhere"));
    await mkdir(cache);
    await symlink(join(root, "elsewhere"), join(cache, "x"));

    await expect(use()).rejects.toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringContaining(join(cache, "x")) as unknown,
      hint: expect.stringContaining("MOLECULE_LOCAL_BUILD_CACHE") as unknown,
    });
    expect(await readdir(join(root, "elsewhere"))).toEqual([]);
  });

  test.each(uses)("a file in the place of the cache, for %s", async (_what, use) => {
    await writeFile(cache, "a file");
    await expect(use()).rejects.toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringContaining(cache) as unknown,
    });
  });

  test("a file that exists, in a work directory", async () => {
    const work = await store.workDirectory("w");
    const file = await work.write("f", "x");
    await expect(work.write("f", "y")).rejects.toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringContaining(file) as unknown,
    });
    expect(await readFile(file, "utf8")).toBe("x");
  });
});

describe("a work directory", () => {
  test("is private to its call, and goes with everything in it", async () => {
    const [one, other] = await Promise.all([store.workDirectory("a/w"), store.workDirectory("a/w")]);
    const file = await one.write("f", "secret");
    expect([await modeOf(one.path), await modeOf(file)]).toEqual([0o700, 0o600]);
    expect(await readdir(other.path)).toEqual([]);
    await one.remove();
    await one.remove();
    await other.remove();
    expect(await readdir(join(cache, "a"))).toEqual([]);
  });

  test("replaces what is in its place, and follows no link there", async () => {
    await mkdir(join(root, "elsewhere"));
    await writeFile(join(root, "elsewhere", "f"), "mine");
    await mkdir(join(cache, "a"), { recursive: true });
    await symlink(join(root, "elsewhere"), join(cache, "a", "w"));
    const work = await store.workDirectory("a/w");
    await writeFile(join(await work.directory("tree"), "f"), "new");

    await work.keep("tree");
    await work.remove();

    expect(work.place).toBe(join(cache, "a", "w"));
    expect(await readFile(join(cache, "a", "w", "f"), "utf8")).toBe("new");
    expect(await readFile(join(root, "elsewhere", "f"), "utf8")).toBe("mine");
    expect(await readdir(join(cache, "a"))).toEqual(["w"]);
  });

  test("of an ended process is removed by the next one beside it", async () => {
    const dead = await leftBy("dead");
    const unknown = await leftBy("unknown");

    const work = await store.workDirectory("a/other");
    const left = await readdir(join(cache, "a"));
    await work.remove();

    expect(left).not.toContain(dead);
    expect(left).toContain(unknown);
  });
});

test("the directories of a name are listed with the processes that work in them", async () => {
  const work = await store.workDirectory("a/w");
  await leftBy("dead");
  await leftBy("unknown");
  await store.privateDirectory("a/kept");
  await writeFile(join(cache, "a", "file"), "x");
  await symlink(join(cache, "a", "kept"), join(cache, "a", "link"));

  expect(await store.directories()).toEqual([{ name: "a", path: join(cache, "a"), worker: null }]);
  const found = await store.directories("a");
  expect(new Set(found.map(({ name, worker }) => `${name} ${String(worker)}`))).toEqual(
    new Set(["w running", "w gone", "w unknown", "kept null"]),
  );
  expect(await store.directories("a/link")).toEqual([]);
  for (const { path } of found) await store.discard(path);
  expect(await store.directories("a")).toEqual([]);
  expect((await readdir(join(cache, "a"))).sort()).toEqual(["file", "link"]);
  await work.remove();
});

/** Creates a work directory as a process in that state leaves it, and returns its name. */
async function leftBy(state: "dead" | "unknown"): Promise<string> {
  const [, space = ""] = (await ownProcess()).split("-");
  const owner = state === "dead" ? `4194303-${space}-00000000` : "7-01234567-00000000";
  const name = `.w.${owner}.00aa00aa.partial`;
  await mkdir(join(cache, "a", name, "tree"), { recursive: true });
  return name;
}
