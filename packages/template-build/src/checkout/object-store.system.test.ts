import { text } from "node:stream/consumers";
import { join } from "node:path";
import { geteuid } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createStore } from "@molecule/node-edges";
import { describeWherePossible, mountSmallDisk } from "@molecule/test-fixtures";
import {
  buildInProcess,
  builtFile,
  countGitBytes,
  fewBytes,
  noise,
  objectStoresIn,
  openHermesWorld,
  type HermesWorld,
} from "./object-store.test.support.js";

let world: HermesWorld;
beforeEach(async () => {
  world = await openHermesWorld();
  await world.add({ Dockerfile: "FROM scratch\n", large: noise(0), small: "0\n" });
});
afterEach(() => world.close());

describe("two processes with one cache", () => {
  /** Starts a process that builds a commit, and returns the small file that it reads. */
  function smallFileOf(commit: string): Promise<string> {
    const { stdout } = buildInProcess(world.request({}, commit), join(world.root, "cache"), "small");
    if (stdout === null) throw new Error("the process has no output");
    return text(stdout);
  }

  async function expectIncrementalFetch(): Promise<void> {
    await world.commit({ small: "last\n" });
    const bytes = countGitBytes(world.forge);
    expect(await builtFile(world.request(), "small")).toBe("last\n");
    expect(bytes()).toBeLessThan(fewBytes);
  }

  test("get what they asked for while one of them fetches into the object store", async () => {
    const next = await world.forge.commit("hermes", { small: "1\n" });
    let fetches = (): void => undefined;
    let proceed = (): void => undefined;
    const isFetching = new Promise<void>((resolve) => (fetches = resolve));
    const mayProceed = new Promise<void>((resolve) => (proceed = resolve));
    world.forge.fault(
      /\/git-upload-pack$/,
      async () => {
        fetches();
        await mayProceed;
        return false;
      },
      { times: 1 },
    );

    const one = smallFileOf(world.sha);
    await isFetching;
    expect(await smallFileOf(next)).toBe("1\n");
    proceed();
    expect(await one).toBe("0\n");
    // Neither fetch was repeated.
    expect(world.forge.gitRequests().length).toBe(2 * 2);
    await expectIncrementalFetch();
  });

  test("get what they asked for if they start at the same time", async () => {
    const next = await world.forge.commit("hermes", { small: "1\n" });
    expect(await Promise.all([world.sha, next, next].map(smallFileOf))).toEqual(["0\n", "1\n", "1\n"]);
    expect(await objectStoresIn(world.root)).toHaveLength(1);
    // An object store that nobody could open in between has only one of the commits.
    await builtFile(world.request({}, next), "small");
    await expectIncrementalFetch();
  });
});

describeWherePossible(
  { describe, test },
  "a full disk",
  { what: "root", missing: geteuid?.() === 0 ? undefined : "only root can mount a small disk" },
  () => {
    test("is reported, and the next build with enough space succeeds", async () => {
      const disk = await mountSmallDisk(2);
      try {
        const onDisk = () => ({
          ...world.request(),
          store: createStore({ directory: join(disk.path, "cache"), env: {} }),
        });
        await builtFile(onDisk(), "large");
        const seeds = Array.from({ length: 16 }, (_, seed) => noise(seed));
        await world.commit({ large: seeds.join("") });

        await expect(builtFile(onDisk(), "large")).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });

        expect(await objectStoresIn(disk.path)).toEqual([]);
        await disk.resize(32);
        expect((await builtFile(onDisk(), "large")) === seeds.join("")).toBe(true);
        await world.commit({ small: "1\n" });
        const bytes = countGitBytes(world.forge);
        expect(await builtFile(onDisk(), "small")).toBe("1\n");
        expect(bytes()).toBeLessThan(fewBytes);
      } finally {
        await disk.remove();
      }
    });
  },
);
