import { createHash } from "node:crypto";
import { mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  parseRuntimeName,
  silentLog,
  silentProgress,
  type Call,
  type ImageInspection,
  type ReadyImage,
  type SourceServices,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import * as v from "valibot";
import type { ImageBuilder } from "../image/image-builder.js";
import { labelNames } from "../image/image-labels.js";
import { templateOptions } from "../options/template-options.js";
import { templateSource } from "../template-source.js";

const hermes = parseRuntimeName("hermes");
const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

let place: TemporaryDirectory;
let directory: string;
/** Images by ID. */
let images: Map<string, ImageInspection>;
let contexts: string[];
/** Runs when a build has read the context, and before it reads the content of each file. */
let onRead: (path: string) => Promise<void>;
let baseLabels: Record<string, string>;
let pulls: string[];

beforeEach(async () => {
  place = await temporaryDirectory();
  directory = join(place.path, "template");
  await mkdir(directory);
  await write("Dockerfile", "FROM scratch\nCOPY . /\n");
  await write("a", "one");
  await write("b", "one");
  images = new Map();
  contexts = [];
  pulls = [];
  baseLabels = {};
  onRead = () => Promise.resolve();
});
afterEach(() => place.remove());

const write = (path: string, content: string): Promise<void> => writeFile(join(directory, path), content);

const find = (name: string): ImageInspection | undefined =>
  images.get(name) ?? [...images.values()].find(({ tags }) => tags.includes(name));

/** Keeps images in memory, and lists the context that each build has read. */
const builder: ImageBuilder = {
  engine: () => Promise.resolve(null),
  nativePlatform: () => Promise.resolve(defaultPlatform),
  inspect: (name) => Promise.resolve(find(name)),
  images: () => Promise.resolve([...images.values()]),
  inUse: () => Promise.resolve(new Map()),
  async build({ context, labels }) {
    let read = "";
    for await (const entry of context.entries()) {
      read += `${entry.path} ${entry.target}\n`;
      if (entry.kind !== "file") continue;
      await onRead(entry.path);
      for await (const chunk of context.open(entry)) read += Buffer.from(chunk).toString();
    }
    await onRead("");
    contexts.push(read);
    const id = `sha256:${createHash("sha256")
      .update(JSON.stringify([read, labels]))
      .digest("hex")}`;
    const platform = { os: "linux", architecture: "amd64", variant: "" };
    const rest = { tags: images.get(id)?.tags ?? [], digests: [], sizeBytes: 1, taggedAt: null };
    images.set(id, { id, ...platform, labels: { ...baseLabels, ...labels }, ...rest });
    return id;
  },
  async tag({ id: imageId }, reference) {
    for (const image of images.values()) {
      const tags = image.tags.filter((tag) => tag !== reference);
      images.set(image.id, { ...image, tags: image.id === imageId ? [...tags, reference] : tags });
    }
  },
  pull(reference) {
    pulls.push(reference);
    return Promise.reject(new Error("no registry"));
  },
  push(_imageId, reference) {
    pulls.push(reference);
    return Promise.resolve();
  },
  untag: () => Promise.resolve(),
  async discard({ id: imageId }) {
    images.delete(imageId);
  },
};

function sourceOf(options: object = {}, entry: object = {}): ReturnType<typeof templateSource> {
  const services = {
    env: {},
    registry: { mode: "local", prefix: "molecule-local" },
    platform: defaultPlatform,
    store: createStore({ directory: join(place.path, "cache"), env: {} }),
    clock: { wallMs: () => 0, monotonicMs: () => 0 },
    log: silentLog,
    mask: createMask(),
    fetch: () => Promise.reject(new Error("no network")),
    run: () => Promise.reject(new Error("no programs")),
  } as unknown as SourceServices;
  const templates = { hermes: { path: directory, ...entry } };
  return templateSource({
    name: "stub",
    builder,
    options: v.parse(templateOptions, { ...options, templates }),
    services,
  });
}

async function ensure(source = sourceOf()): Promise<ReadyImage & { readonly cached: boolean }> {
  const resolution = await source.resolve(hermes, call);
  const found = await source.find(resolution, call);
  const image = await source.provide(resolution, found.hit ? found : undefined, call);
  return { ...image, cached: found.hit };
}

describe("a working copy", () => {
  test("is named after its build key, and has neither a revision nor a label for it", async () => {
    const image = await ensure();
    const key = String(image.buildKey);
    const name = "molecule-local/workspace-template-hermes";
    expect(image).toMatchObject({ reference: `${name}:dev-${key.slice(0, 12)}`, revision: null });
    const built = find(image.imageId);
    expect(built?.tags).toEqual([image.reference, `${name}:dev`]);
    expect(built?.labels).toEqual({
      [labelNames.source]: expect.stringMatching(/-template-hermes$/),
      [labelNames.runtime]: "hermes",
      [labelNames.buildKey]: key,
      [labelNames.managedBy]: "stub",
    });
  });

  test("is built once for each content", async () => {
    const first = await ensure();
    expect(await ensure()).toMatchObject({ cached: true, imageId: first.imageId });
    await write("a", "two");
    const second = await ensure();
    expect(second).toMatchObject({ cached: false });
    expect(second.reference).not.toBe(first.reference);
    expect(contexts).toHaveLength(2);
  });

  test("may have a base image with a revision of its own", async () => {
    baseLabels = { [labelNames.revision]: "f".repeat(40) };
    const { imageId } = await ensure();
    expect(await ensure()).toMatchObject({ cached: true, imageId });
    const stored = await sourceOf().stored(call);
    expect(stored.filter(({ kind }) => kind === "image")).toMatchObject([
      { imageId, revision: null, names: [expect.stringMatching(/:dev$/), expect.stringMatching(/:dev-/)] },
    ]);
  });

  test("has exactly the build arguments that its files set, before a build", async () => {
    const options = { buildArgs: { MINE: "1" }, buildArgsFrom: { A: "a", B: "b", C: "missing" } };
    const namesOf = async (): Promise<unknown> => (await sourceOf(options).resolve(hermes, call)).buildArgs;
    expect(await namesOf()).toEqual(["MINE"]);
    await write("Dockerfile", "FROM scratch\nARG C\nARG A\n");
    expect(await namesOf()).toEqual(["A", "MINE"]);
  });

  test("logs the names of its build arguments, and only the values that are in its files", async () => {
    const logged: unknown[] = [];
    const log = { ...silentLog, info: (...line: unknown[]) => void logged.push(line) };
    await write("Dockerfile", "FROM scratch\nARG A\nARG MINE\n");
    const source = sourceOf({ buildArgs: { MINE: "not shown" }, buildArgsFrom: { A: "a" } });
    await source.provide(await source.resolve(hermes, call), undefined, { ...call, log });
    const fromTemplate = [{ argument: "A", path: "a", value: "one" }];
    expect(logged).toEqual([["building with build arguments", { buildArgs: ["A", "MINE"], fromTemplate }]]);
  });

  test("leaves no files in the cache", async () => {
    await ensure();
    expect(await readdir(join(place.path, "cache", "hermes"))).toEqual([]);
  });

  test("is never shared, and never replaced by a last good image", async () => {
    const source = sourceOf({
      share: { registry: "r.example/x", push: true },
      whenForgeIsDown: "last-good",
    });
    const { imageId } = await ensure(source);
    const resolution = await source.resolve(hermes, call);
    const found = await source.find(resolution, call);
    if (found.hit) await source.share(resolution, found.image, call);
    expect(imageId).toMatch(/^sha256:/);
    expect(pulls).toEqual([]);
    expect(await source.lastGood(hermes, call)).toBeUndefined();
  });

  test("may hold empty directories and a link out of the tree", async () => {
    await mkdir(join(directory, "data"));
    await symlink("/etc/hostname", join(directory, "outside"));
    await ensure();
    expect(contexts[0]).toContain("data \n");
    expect(contexts[0]).toContain("outside /etc/hostname\n");
  });

  test("with a submodule is an invalid template, as when it is fetched", async () => {
    await write(".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = https://h/lib\n');
    await expect(ensure()).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
    expect(await ensure(sourceOf({ allowSubmodules: true }))).toMatchObject({ cached: false });
  });

  test("with a pointer of Git LFS is an invalid template unless it is ignored", async () => {
    await write("model", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    await expect(ensure()).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
    await write(".dockerignore", "model\n");
    expect(await ensure()).toMatchObject({ cached: false });
  });
});

describe("a working copy that changes during the build is discarded", () => {
  const once = (path: string, change: () => Promise<void>): void => {
    onRead = async (at) => {
      if (at !== path) return;
      onRead = () => Promise.resolve();
      await change();
    };
  };

  test.each<[string, string, () => Promise<void>]>([
    ["a file not yet read", "a", () => write("b", "two")],
    ["a file already read", "", () => write("a", "two")],
    ["the length of a file", "a", () => write("a", "longer")],
    ["a new file", "", () => write("c", "new")],
    ["the Dockerfile", "", () => write("Dockerfile", "FROM scratch\n")],
    ["a removed Dockerfile", "", () => rename(join(directory, "Dockerfile"), join(directory, "Other"))],
  ])("with %s", async (_what, at, change) => {
    once(at, change);
    await expect(ensure()).rejects.toMatchObject({
      code: "CHECKOUT_FAILED",
      message: expect.stringContaining(`the working copy ${directory} changed while it was read`),
      hint: expect.stringContaining("Retry"),
    });
    expect([...images.values()]).toEqual([]);
  });

  test("even if it is changed back before the end", async () => {
    once("a", async () => {
      await write("b.tmp", "two");
      await rename(join(directory, "b.tmp"), join(directory, "b"));
      once("", () => write("b", "one"));
    });
    await expect(ensure()).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(contexts[0]).toContain("two");
    expect([...images.values()]).toEqual([]);
  });

  test("but an existing image that the builder returned from its cache is kept", async () => {
    const { imageId, reference } = await ensure();
    once("", () => write("c", "new"));
    const source = sourceOf();
    const resolution = await source.resolve(hermes, call);
    const refreshed = source.provide(resolution, undefined, { ...call, fresh: true });
    await expect(refreshed).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(find(imageId)?.tags).toContain(reference);
  });

  test("and is built by the next call", async () => {
    once("", () => write("a", "two"));
    await expect(ensure()).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(await ensure()).toMatchObject({ cached: false });
  });
});

test("a missing directory is reported before the builder is used", async () => {
  const source = sourceOf({}, { path: join(place.path, "missing") });
  await expect(source.resolve(hermes, call)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
