import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { geteuid } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  type BuildContext,
  type Call,
  type ImageInspection,
  type SourceServices,
} from "@molecule/core";
import { createStore, findProgram, nodeEdges } from "@molecule/node-edges";
import {
  describeWherePossible,
  mountSmallDisk,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import * as v from "valibot";
import type { ImageBuilder } from "./image/image-builder.js";
import { stubBuilder } from "./image/stub-builder.test.support.js";
import { templateOptions } from "./options/template-options.js";
import { templateSource } from "./template-source.js";

const runtime = parseRuntimeName("hermes");
const id = `sha256:${"a".repeat(64)}`;
const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

let place: TemporaryDirectory;
let forge: Forge;
/** The images of the builder: none has a tag. */
let images: Map<string, ImageInspection>;

beforeEach(async () => {
  [place, forge] = await Promise.all([temporaryDirectory(), startForge()]);
  images = new Map();
  await forge.addTemplate("hermes", {
    Dockerfile: "FROM scratch\n",
    "d/file": "content",
    link: { link: "d/file" },
  });
});
afterEach(async () => {
  await forge.stop();
  await place.remove();
});

/** Puts a `git` into PATH that runs this shell script, in which `real` is git itself, before a command. */
async function gitBefore(command: string, script: string): Promise<string> {
  const git = findProgram("git", process.env["PATH"]) ?? "";
  const directory = join(place.path, "bin");
  await mkdir(directory);
  await writeFile(
    join(directory, "git"),
    `#!/bin/sh\nreal='${git}'\nif [ "$1" = ${command} ]; then ${script}; fi\nexec "$real" "$@"\n`,
  );
  await chmod(join(directory, "git"), 0o755);
  return [directory, process.env["PATH"]].join(delimiter);
}

/** Builds the template with a builder that calls `onContext`. */
async function build(
  PATH: string,
  onContext: (context: BuildContext, signal: AbortSignal) => Promise<void>,
  { directory = place.path, ...parts }: { readonly directory?: string } & Partial<ImageBuilder> = {},
): Promise<unknown> {
  const env = { PATH };
  const builder: ImageBuilder = {
    ...stubBuilder,
    async build({ context, labels }, _report, { signal }) {
      await onContext(context, signal);
      const platform = { os: "linux", architecture: "amd64", variant: "" };
      const rest = { tags: [], digests: [], sizeBytes: 1, taggedAt: null };
      images.set(id, { id, ...platform, labels, ...rest });
      return id;
    },
    inspect: (nameOrId) => Promise.resolve(images.get(nameOrId)),
    discard: async ({ id }) => void images.delete(id),
    tag: () => Promise.resolve(),
    ...parts,
  };
  const services: Partial<SourceServices> = {
    ...nodeEdges({}),
    env,
    registry: { mode: "local", prefix: "molecule-local" },
    platform: defaultPlatform,
    store: createStore({ directory: join(directory, "cache"), env }),
    clock: systemClock,
    log: silentLog,
    mask: createMask(),
  };
  const source = templateSource({
    name: "stub",
    builder,
    options: v.parse(templateOptions, { repoPrefix: forge.repoPrefix() }),
    services: services as SourceServices,
  });
  return source.provide(await source.resolve(runtime, call), undefined, call);
}

async function filesOf(context: BuildContext): Promise<string[]> {
  const seen: string[] = [];
  for await (const entry of context.entries()) {
    let content = entry.target;
    if (entry.kind === "file")
      for await (const chunk of context.open(entry)) content += Buffer.from(chunk).toString();
    seen.push(`${entry.path} ${content}`);
  }
  return seen;
}

test("the builder reads the whole context while the checkout is being written", async () => {
  const isBuilt = join(place.path, "is-built");
  const PATH = await gitBefore("checkout", `while [ ! -e '${isBuilt}' ]; do sleep 0.1; done`);
  let files: string[] = [];
  const image = await build(PATH, async (context) => {
    files = await filesOf(context);
    await writeFile(isBuilt, "");
  });
  expect(files).toEqual(["Dockerfile FROM scratch\n", "d ", "d/file content", "link d/file"]);
  expect(image).toMatchObject({ imageId: id, built: true });
});

test("a commit that cannot be checked out has no image", async () => {
  const PATH = await gitBefore("checkout", "echo 'fatal: not today' >&2; exit 128");
  const built = build(PATH, async (context) => {
    await filesOf(context);
  });
  await expect(built).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    message: expect.stringContaining("not today") as unknown,
  });
  expect(images.size).toBe(0);
});

/** Resolves when the signal aborts, as a build with a step that takes long. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => {
    const cancel = (): void => {
      reject(new Error("the build was cancelled"));
    };
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
  });

test("a fetch that fails cancels the choice of a machine", async () => {
  forge.fault("git", { status: 500 });
  let isCancelled = false;
  const chooseMachine: ImageBuilder["chooseMachine"] = async (_runtime, { signal }) => {
    await untilAborted(signal).finally(() => (isCancelled = true));
    throw new Error("not reached");
  };
  const built = build(process.env["PATH"] ?? "", () => Promise.resolve(), { chooseMachine });
  await expect(built).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  expect(isCancelled).toBe(true);
});

test("a checkout that fails cancels the build", async () => {
  const isRead = join(place.path, "is-read");
  const waiting = `while [ ! -e '${isRead}' ]; do sleep 0.1; done`;
  const PATH = await gitBefore("checkout", `${waiting}; echo 'fatal: not today' >&2; exit 128`);
  const built = build(PATH, async (context, signal) => {
    await filesOf(context);
    const aborted = untilAborted(signal);
    await writeFile(isRead, "");
    await aborted;
  });
  await expect(built).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    message: expect.stringContaining("not today") as unknown,
  });
});

test("a commit with a damaged directory has no image, and cancels the build", async () => {
  // No content has this text.
  const PATH = await gitBefore("cat-file", '"$real" "$@" | sed -u s/link/lynk/; exit');
  const built = build(PATH, async (_context, signal) => {
    await untilAborted(signal);
  });
  await expect(built).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    again: true,
    message: expect.stringContaining("has another hash") as unknown,
  });
  expect(images.size).toBe(0);
});

describeWherePossible(
  { describe, test },
  "a disk that the checkout fills",
  { what: "root", missing: geteuid?.() === 0 ? undefined : "only root can mount a small disk" },
  () => {
    test("cancels the build", async () => {
      const disk = await mountSmallDisk(8);
      try {
        // Compressed, it fits.
        await forge.commit("hermes", { large: Buffer.alloc(32 * 1024 * 1024, "x") });
        let isCancelled = false;
        const built = build(
          process.env["PATH"] ?? "",
          async (_context, signal) => {
            await untilAborted(signal).finally(() => (isCancelled = true));
          },
          { directory: disk.path },
        );
        await expect(built).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });
        expect(isCancelled).toBe(true);
      } finally {
        await disk.remove();
      }
    });
  },
);
