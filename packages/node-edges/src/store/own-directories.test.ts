import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { makeOwnDirectories, ownBase, UnsafePlace } from "./own-directories.js";

let root: string;
let parent: string;
let base: string;
let directory: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "own-")));
  parent = join(root, "above");
  base = join(parent, "molecule");
  directory = join(base, "cache", "hermes");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await lstat(path)).mode & 0o7777).toString(8);
const own = (): readonly string[] => [base, join(base, "cache"), directory];

describe("the tool's own directories", () => {
  test.each(["000", "022", "077", "277"])(
    "are created for their owner only, with umask %s",
    async (umask) => {
      const before = process.umask(parseInt(umask, 8));
      try {
        await makeOwnDirectories(base, directory);
      } finally {
        process.umask(before);
      }

      for (const path of own()) expect([path, await modeOf(path)]).toEqual([path, "700"]);
    },
  );

  test.each(["777", "755", "770", "2775"])("with mode %s are closed to others", async (mode) => {
    await mkdir(directory, { recursive: true });
    for (const path of own()) await chmod(path, parseInt(mode, 8));

    expect(await makeOwnDirectories(base, directory)).toBe(directory);

    const narrowed = mode === "2775" ? "2700" : "700";
    for (const path of own()) expect([path, await modeOf(path)]).toEqual([path, narrowed]);
  });

  test("do not change their parents", async () => {
    await mkdir(parent);
    await chmod(parent, 0o755);

    await makeOwnDirectories(base, directory);

    expect(await modeOf(parent)).toBe("755");
  });

  test("do not close a directory that the system shares", async () => {
    await mkdir(base, { recursive: true });
    await chmod(base, 0o1777);

    await makeOwnDirectories(base, directory);

    expect(await modeOf(base)).toBe("1777");
    expect(await modeOf(directory)).toBe("700");
  });

  test("may consist of a single one", async () => {
    expect(await makeOwnDirectories(base, base)).toBe(base);
    expect(await readdir(base)).toEqual([]);
  });

  test("may be behind a link of the user's, which is followed once", async () => {
    await mkdir(join(root, "elsewhere"));
    await symlink(join(root, "elsewhere"), parent);

    const made = await makeOwnDirectories(base, directory);

    expect(made).toBe(join(root, "elsewhere", "molecule", "cache", "hermes"));
  });
});

describe("rejects, without creating anything:", () => {
  const places = [
    ["the base", () => base],
    ["one in the middle", () => join(base, "cache")],
    ["the last one", () => directory],
  ] as const;

  test.each(places)("%s as a link to elsewhere", async (_which, place) => {
    const elsewhere = join(root, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(join(place(), ".."), { recursive: true });
    await symlink(elsewhere, place());

    await expect(makeOwnDirectories(base, directory)).rejects.toMatchObject({
      place: place(),
      why: "it is a symbolic link, whose target may change",
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test.each(places)("%s as a dangling link", async (_which, place) => {
    await mkdir(join(place(), ".."), { recursive: true });
    await symlink(join(root, "nowhere"), place());

    await expect(makeOwnDirectories(base, directory)).rejects.toBeInstanceOf(UnsafePlace);
    await expect(lstat(join(root, "nowhere"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.each(places)("%s as a file", async (_which, place) => {
    await mkdir(join(place(), ".."), { recursive: true });
    await writeFile(place(), "here first");

    await expect(makeOwnDirectories(base, directory)).rejects.toMatchObject({
      place: place(),
      why: "it is not a directory",
    });
    expect(await readFile(place(), "utf8")).toBe("here first");
  });

  test("one of another user", async () => {
    for (const place of await othersPlaces()) {
      await expect(makeOwnDirectories(place.base, place.directory)).rejects.toMatchObject({
        place: place.others,
        why: "it belongs to another user",
        remedy: expect.stringContaining(place.base),
      });
    }
  });

  test("a place where nothing can be created", async () => {
    await expect(makeOwnDirectories("/dev/null/a/b", "/dev/null/a/b")).rejects.toMatchObject({
      code: "ENOTDIR",
    });
    await writeFile(parent, "a file");
    await expect(makeOwnDirectories(base, directory)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:ENOTDIR|EEXIST)$/) as unknown,
    });
  });
});

describe("below a directory of the user who called sudo", () => {
  const caller = 12345;
  // Only root can have been called by sudo; for other users the variable is ignored.
  const isRoot = process.geteuid?.() === 0;

  test("root creates nothing, and the error says how to run this", async () => {
    await mkdir(parent);
    if (isRoot) await chown(parent, caller, caller);
    const made = makeOwnDirectories(base, directory, { SUDO_UID: String(caller) });
    if (isRoot)
      await expect(made).rejects.toMatchObject({
        place: directory,
        remedy: expect.stringContaining("sudo -H"),
      });
    else expect(await made).toBe(directory);
    expect(await readdir(parent)).toEqual(isRoot ? [] : ["molecule"]);
  });

  test.each([
    ["root called it", "0"],
    ["nobody did", ""],
    ["the variable is broken", "someone"],
    ["another user's place is meant", "54321"],
  ])("works as usual if %s", async (_what, SUDO_UID) => {
    await mkdir(parent);
    expect(await makeOwnDirectories(base, directory, { SUDO_UID })).toBe(directory);
  });
});

describe("the highest directory of the tool", () => {
  test.each([
    ["of the default cache", "/home/u/.cache/molecule/workspace-template-build", "/home/u/.cache/molecule"],
    ["of the one below XDG_CACHE_HOME", "/x/molecule/workspace-template-build", "/x/molecule"],
    ["of a configured cache", "/srv/molecule/workspace-template-build", undefined],
    ["of a cache of another name", "/home/u/.cache/molecule/other", undefined],
  ])("%s", (_which, cacheDir, expected) => {
    const env = { HOME: "/home/u", XDG_CACHE_HOME: "/x/" };
    expect(ownBase(cacheDir, env)).toBe(expected ?? cacheDir);
    expect(ownBase(cacheDir, {})).toBe(cacheDir);
  });
});

/** Only root can give a directory away; for other users, root's own are another user's. */
async function othersPlaces(): Promise<readonly Readonly<Record<"base" | "directory" | "others", string>>[]> {
  if (process.geteuid?.() !== 0) return [{ base: "/usr", directory: "/usr/molecule", others: "/usr" }];
  return Promise.all(
    ["one", "two"].map(async (name, index) => {
      const first = join(root, name);
      const second = join(first, "hermes");
      await mkdir(second, { recursive: true });
      const others = index === 0 ? first : second;
      await chown(others, 12345, 12345);
      return { base: first, directory: second, others };
    }),
  );
}
