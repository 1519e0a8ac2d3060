import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkOut } from "./check-out.js";
import {
  buildFirst,
  buildNext,
  builtFile,
  bytesOfNext,
  countGitBytes,
  fewBytes,
  onlyObjectStore,
  openHermesWorld,
  type HermesWorld,
} from "./object-store.test.support.js";

let world: HermesWorld;
beforeEach(async () => {
  world = await openHermesWorld();
});
afterEach(() => world.close());

describe("the next commit", () => {
  test("transfers only the changed file of 5,000", async () => {
    const all = countGitBytes(world.forge);
    await buildFirst(world, 5000);
    expect(all()).toBeGreaterThan(100 * fewBytes);
    const requests = world.forge.gitRequests().length;

    expect(await bytesOfNext(world, "changed\n")).toBeLessThan(fewBytes);

    expect(world.forge.gitRequests().length - requests).toBe(2);
    expect(world.warnings).toEqual([]);
  });

  test.each([
    ["a repository with 64-digit hashes", { objectFormat: "sha256" }],
    ["a repository with 40-digit hashes", { objectFormat: "sha1" }],
  ] as const)("transfers little from %s, again and again", async (_what, options) => {
    await buildFirst(world, 100, options);
    for (const content of ["one\n", "two\n", "three\n"])
      expect(await bytesOfNext(world, content)).toBeLessThan(fewBytes);
  });

  test("transfers little from a server that serves only branches, also if the branch has moved", async () => {
    await world.close();
    world = await openHermesWorld({ allowAnySha: false });
    await buildFirst(world, 100);
    expect(await bytesOfNext(world, "one\n")).toBeLessThan(fewBytes);

    await world.commit({ "d1/f1": "looked up\n" });
    const request = world.request();
    await world.forge.commit("hermes", { "d1/f1": "moved\n" });
    const bytes = countGitBytes(world.forge);
    expect(await builtFile(request, "d1/f1")).toBe("looked up\n");
    expect(bytes()).toBeLessThan(fewBytes);
    expect(world.warnings).toEqual([]);
  });

  test("can be one without any common history, from a server that has forgotten the former one", async () => {
    await buildFirst(world, 100);
    const tree = (await world.forge.git("hermes", ["rev-parse", "main^{tree}"])).trim();
    const other = (await world.forge.git("hermes", ["commit-tree", tree, "-m", "another history"])).trim();
    await world.forge.git("hermes", ["update-ref", "refs/heads/main", other]);
    await world.forge.git("hermes", ["reflog", "expire", "--expire=now", "--all"]);
    await world.forge.git("hermes", ["gc", "--prune=now", "--quiet"]);

    await buildNext(world, "after the force push\n");
    expect(await bytesOfNext(world, "and the next\n")).toBeLessThan(fewBytes);
    expect(world.warnings).toEqual([]);
  });

  test("can be the same commit", async () => {
    await buildFirst(world, 100);
    expect(await builtFile(world.request(), "d0/f0")).toBe("first\n");
    expect(world.warnings).toEqual([]);
  });

  test("transfers little after a connection that broke", async () => {
    await buildFirst(world, 100);
    await world.commit({ "d1/f1": "x".repeat(100_000) });
    world.forge.fault(
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
    await expect(checkOut(world.request())).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });

    expect(await bytesOfNext(world, "y\n")).toBeLessThan(fewBytes);
    expect(world.warnings).toEqual([]);
  });

  test("starts a new object store when git would have to search too many packs", async () => {
    await buildFirst(world, 3);
    const counts = new Set<number>();
    for (let number = 0; number < 35; number += 1) {
      await world.commit({ "d1/f1": String(number) });
      const { settle } = await checkOut(world.request());
      await settle();
      counts.add((await readdir(join(await onlyObjectStore(world), "objects/pack"))).length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(3 * 33);
    expect(Math.min(...counts)).toBeLessThanOrEqual(3);
    await buildNext(world, "still right\n");
    expect(world.warnings).toEqual([]);
  });
});

test("the checkout of a commit can be inspected with git, and does not depend on the next ones", async () => {
  await buildFirst(world, 100);
  const former = world.sha;
  await buildNext(world, "changed\n");
  const directory = join(world.root, "cache", "hermes", former.slice(0, 12));
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: directory, encoding: "utf8" });

  expect(git("status", "--porcelain")).toBe("");
  expect(git("log", "--format=%H").trim()).toBe(former);
});

test("a reader that ends git early leaves the object store as it is", async () => {
  await buildFirst(world, 100);
  const { objects, settle } = await checkOut(world.request());
  const git = await objects.start(["cat-file", "--batch"]);
  git.end();
  await expect(git.ended).rejects.toThrow("git cat-file was ended");
  await settle();
  expect(await bytesOfNext(world, "changed\n")).toBeLessThan(fewBytes);
  expect(world.warnings).toEqual([]);
});

test("a checkout that finds the object store in use does without it, and leaves it as it is", async () => {
  await buildFirst(world, 100);
  const first = await checkOut(world.request());
  const before = await readdir(join(await onlyObjectStore(world), "objects/pack"));

  await buildNext(world, "from elsewhere\n");

  expect(await readdir(join(await onlyObjectStore(world), "objects/pack"))).toEqual(before);
  expect(await readFile(join(await first.files(), "d0/f0"), "utf8")).toBe("first\n");
  await first.settle();
  await buildNext(world, "once more\n");
  expect(await bytesOfNext(world, "changed\n")).toBeLessThan(fewBytes);
  expect(world.warnings).toEqual([]);
});

test("many checkouts at the same time get what they asked for", async () => {
  await buildFirst(world, 100);
  const commits = new Map<string, string>();
  for (const content of ["one\n", "two\n", "three\n", "four\n"])
    commits.set(await world.forge.commit("hermes", { "d1/f1": content }), content);

  const built = [...commits.keys()].map((one) => builtFile(world.request({}, one), "d1/f1"));

  expect(await Promise.all(built)).toEqual([...commits.values()]);
  expect(world.warnings).toEqual([]);
});
