import { expect, test } from "@jest/globals";
import { createKeyedLock } from "../concurrency/keyed-lock.js";
import type { EngineBound } from "../contract/capabilities.js";
import type { Prunable, StoredItem } from "../contract/prunable.js";
import { imageId, recordingSource, secret, spine } from "../spine/spine.test.support.js";

const image: StoredItem = {
  kind: "image",
  runtime: "hermes",
  revision: "c".repeat(40),
  imageId,
  names: ["example/hermes:1"],
  otherNames: [],
  path: null,
  bytes: 1,
  madeAt: null,
  held: null,
  references: ["example/hermes:1"],
};
const checkout: StoredItem = { ...image, kind: "checkout", imageId: null, names: [], path: "/c" };

function store(stored: readonly StoredItem[], discard: Prunable["discard"] = async () => undefined) {
  const discarded: (string | null)[] = [];
  const source = Object.assign(recordingSource(), {
    stored: async () => stored,
    discard: async (...[item, call]: Parameters<Prunable["discard"]>) => {
      const against = await discard(item, call);
      if (against === undefined) discarded.push(item.path ?? item.imageId);
      return against;
    },
  });
  return { source, discarded };
}

test("keeps an image that the source cannot remove, with the reason, and its checkout", async () => {
  const { source, discarded } = store([image, checkout], async () => "somebody took it");
  const { removed, kept } = await spine(source).prune({ keep: 0 });
  expect([removed, discarded]).toEqual([[], []]);
  expect(kept).toMatchObject([
    { kind: "image", why: "somebody took it", source: "recording" },
    { kind: "checkout", why: "an image of its commit is kept" },
  ]);
});

const repository: StoredItem = {
  ...checkout,
  kind: "repository",
  revision: null,
  references: [],
  path: "/r",
};

test("removes the repository of a runtime with its last image", async () => {
  const older: StoredItem = { ...image, revision: "d".repeat(40), imageId: "older" };
  const { source, discarded } = store([image, older, repository]);

  const { kept } = await spine(source).prune({ keep: 1 });
  expect(kept).toMatchObject([{ kind: "image" }, { kind: "repository", why: "an image of hermes is kept" }]);
  expect(discarded).toEqual(["older"]);

  const { removed } = await spine(source).prune({ keep: 0 });
  expect(removed.at(-1)).toMatchObject({ kind: "repository", why: "no image of hermes is left" });
});

const inRegistry: EngineBound = { imagesIn: "registry", engine: async () => null };

test("keeps the repositories of allowed runtimes if the images are on another machine", async () => {
  const unknown: StoredItem = { ...repository, runtime: "retired", path: "/other" };
  const { source, discarded } = store([checkout, repository, unknown]);
  const provider = spine(Object.assign(source, inRegistry));

  const { removed, kept } = await provider.prune({ keep: 1 });
  expect(kept).toMatchObject([{ path: "/r", why: "the next build of hermes uses it" }]);
  expect(removed).toMatchObject([
    { path: "/c", why: "no build uses it again" },
    { path: "/other", why: "retired is not an allowed runtime" },
  ]);
  expect(discarded).toEqual(["/c", "/other"]);

  expect((await provider.prune({ keep: 0 })).removed).toMatchObject([
    { path: "/c" },
    { path: "/r", why: "nothing of hermes is kept" },
    { path: "/other" },
  ]);
});

test("a size limit removes the largest repositories first if the images are on another machine", async () => {
  const sized = (runtime: string, bytes: number, more: Partial<StoredItem> = {}): StoredItem => ({
    ...repository,
    ...{ runtime, bytes, path: `/${runtime}` },
    ...more,
  });
  const stored = [
    sized("codex", 10),
    sized("crewai", 30),
    sized("hermes", 20),
    sized("autogen", 40, { held: "a process is using it" }),
    sized("retired", 500),
  ];
  const removedAt = async (maxBytes: number): Promise<readonly (string | null)[]> => {
    const { source, discarded } = store(stored);
    await spine(Object.assign(source, inRegistry)).prune({ maxBytes });
    return discarded;
  };
  expect(await removedAt(100)).toEqual(["/retired"]);
  expect(await removedAt(99)).toEqual(["/crewai", "/retired"]);
  expect(await removedAt(50)).toEqual(["/crewai", "/hermes", "/retired"]);
  expect(await removedAt(0)).toEqual(["/codex", "/crewai", "/hermes", "/retired"]);

  const { source } = store(stored);
  const { removed } = await spine(Object.assign(source, inRegistry)).prune({ maxBytes: 99, dryRun: true });
  expect(removed[0]).toMatchObject({ path: "/crewai", why: "the repositories kept would exceed 99 bytes" });
});

test("does not remove an image while it is being built, or build one while it is being removed", async () => {
  const lock = createKeyedLock();
  const { source, discarded } = store([image, checkout]);
  const provider = spine(source, { lock });
  const release = await lock.tryTake("recording example/hermes:1");
  for (const dryRun of [true, false]) {
    const { removed, kept } = await provider.prune({ keep: 0, dryRun });
    expect(removed).toEqual([]);
    expect(kept[0]?.why).toBe("its image is being built");
  }
  await release?.();
  const heldMeanwhile: boolean[] = [];
  const second = store([image], async () => {
    heldMeanwhile.push((await lock.tryTake("recording example/hermes:1")) === undefined);
    return undefined;
  });
  expect((await spine(second.source, { lock }).prune({ keep: 0 })).removed).toHaveLength(1);
  expect([heldMeanwhile, discarded]).toEqual([[true], []]);
  // The lock was released.
  expect(await lock.tryTake("recording example/hermes:1")).toBeDefined();
});

test("a dry run removes nothing, and reports what it would remove", async () => {
  const { source, discarded } = store([image, checkout]);
  const dry = await spine(source).prune({ keep: 0, dryRun: true });
  expect(discarded).toEqual([]);
  expect(await spine(source).prune({ keep: 0 })).toEqual(dry);
  expect(discarded).toEqual([imageId, "/c"]);
});

test("a failure is typed, masked and names its source; a caller can abort", async () => {
  const { source } = store([image], () => Promise.reject(new Error(`no: ${secret}`)));
  const failure = spine(source).prune({ keep: 0 });
  await expect(failure).rejects.toMatchObject({ code: "INTERNAL", source: "recording" });
  await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining(secret) });
  const signal = AbortSignal.abort();
  await expect(spine(source).prune({}, { signal })).rejects.toMatchObject({ code: "CANCELLED" });
});

test("a source without a store has nothing to remove", async () => {
  expect(await spine(recordingSource()).prune()).toEqual({ removed: [], kept: [] });
});
